//! A tar archive in memory.

use perry_container_spec::InjectedFile;

const BLOCK: usize = 512;

/// The files as an archive that unpacks at `/`: POSIX ustar, with a pax header (which both tools read) for a path or an
/// owner that ustar's fields cannot hold. Times are zero.
pub fn archive(files: &[InjectedFile]) -> Vec<u8> {
    let mut tar = Vec::new();
    for file in files {
        let path = file.target.trim_start_matches('/');
        let content = file.content.expose();
        let mut pax = String::new();
        if path.len() > 100 || !path.is_ascii() {
            record(&mut pax, "path", path);
        }
        if file.uid > 0o777_7777 {
            record(&mut pax, "uid", &file.uid.to_string());
        }
        if file.gid > 0o777_7777 {
            record(&mut pax, "gid", &file.gid.to_string());
        }
        if !pax.is_empty() {
            entry(
                &mut tar,
                &Header { path: "pax", mode: 0o644, uid: 0, gid: 0, kind: b'x' },
                pax.as_bytes(),
            );
        }
        let header =
            Header { path, mode: file.mode & 0o7777, uid: file.uid, gid: file.gid, kind: b'0' };
        entry(&mut tar, &header, content);
    }
    tar.resize(tar.len() + 2 * BLOCK, 0);
    tar
}

struct Header<'a> {
    path: &'a str,
    mode: u32,
    uid: u64,
    gid: u64,
    kind: u8,
}

/// `27 path=...\n`, where the number is the length of the whole, itself included.
fn record(pax: &mut String, key: &str, value: &str) {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    pax.extend([&length.to_string(), " ", key, "=", value, "\n"]);
}

fn entry(tar: &mut Vec<u8>, of: &Header<'_>, content: &[u8]) {
    let mut header = [0_u8; BLOCK];
    let path = of.path.as_bytes();
    let short = path.len().min(100);
    header[..short].copy_from_slice(&path[..short]);
    octal(&mut header[100..108], u64::from(of.mode));
    octal(&mut header[108..116], of.uid.min(0o777_7777));
    octal(&mut header[116..124], of.gid.min(0o777_7777));
    octal(&mut header[124..136], content.len() as u64);
    octal(&mut header[136..148], 0);
    header[156] = of.kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    header[148..156].fill(b' ');
    let sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
    octal(&mut header[148..155], sum);
    tar.extend_from_slice(&header);
    tar.extend_from_slice(content);
    tar.resize(tar.len().next_multiple_of(BLOCK), 0);
}

/// A number in octal digits that fill a field but for its last byte, which stays zero.
fn octal(field: &mut [u8], mut number: u64) {
    let digits = field.len() - 1;
    field[digits] = 0;
    for place in field[..digits].iter_mut().rev() {
        *place = b'0' + u8::try_from(number & 7).unwrap_or_default();
        number >>= 3;
    }
}
