//! The Compose model in its canonical form, every property typed. It reads no file and resolves no short form.
