//! A real terminal, by tmux: what a person types, and what the screen shows then.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::run::{Done, run};

/// What tmux itself takes at most.
const TMUX: Duration = Duration::from_secs(10);
/// What the shell prints when it waits for a command.
const PROMPT: &str = "ready>";
/// The variable that names a folder for recordings: the screens of every test, as text.
const RECORDINGS: &str = "PERRY_LAB_RECORDINGS";

/// A shell in a terminal of 120 columns and 40 rows. It ends when this is dropped.
#[derive(Debug)]
pub struct Terminal {
    server: String,
    name: String,
    begun: Instant,
    recording: String,
    settings: String,
    /// The last line that was typed: what is above it is over.
    typed: String,
    lines: u32,
}

impl Terminal {
    /// `Ok` if there is tmux; else what is wrong.
    ///
    /// # Errors
    /// A line that says what is missing.
    pub fn available() -> Result<(), String> {
        match Command::new("tmux").arg("-V").output() {
            Ok(output) if output.status.success() => Ok(()),
            _ => Err("tmux is not installed: cargo xtask lab up".to_owned()),
        }
    }

    /// Opens a terminal whose shell stands in this folder.
    ///
    /// # Panics
    /// When tmux does not do it.
    #[must_use]
    pub fn open(name: &str, folder: &Path, env: &[(String, String)]) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let server = format!("perry-lab-{}-{number}", std::process::id());
        let (begun, recording, settings) = (Instant::now(), String::new(), String::new());
        let name = name.to_owned();
        let mut this =
            Self { server, name, begun, recording, settings, typed: String::new(), lines: 0 };
        let mut words = vec!["-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40", "-c"];
        let folder = folder.display().to_string();
        words.push(&folder);
        // A shell without a start file, with job control: each command is the terminal's foreground process group.
        words.extend(["env", "-i"]);
        let mut pairs: Vec<String> =
            env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.extend(["TERM=screen-256color".to_owned(), format!("PS1={PROMPT} ")]);
        words.extend(pairs.iter().map(String::as_str));
        words.extend(["sh", "-i"]);
        this.tmux(&words).ok();
        this.tmux(&["set-option", "-g", "history-limit", "5000"]).ok();
        drop(this.ends(TMUX));
        this.settings = this.answer("$(stty -g)");
        this
    }

    fn tmux(&self, words: &[&str]) -> Done {
        let mut command = Command::new("tmux");
        command.args(["-L", &self.server]).args(words).env_remove("TMUX");
        run(command, TMUX)
    }

    /// Presses a key, as tmux calls it: `C-c`, `Enter`.
    pub fn press(&mut self, key: &str) {
        let _ = writeln!(self.recording, "--- {:.1} s: {key}", self.begun.elapsed().as_secs_f64());
        self.tmux(&["send-keys", key]).ok();
    }

    /// Types a line.
    pub fn line(&mut self, text: &str) {
        self.lines += 1;
        // A comment tells this line from the same one typed before.
        self.typed = format!("{text} #{}", self.lines);
        self.tmux(&["send-keys", "-l", &self.typed]).ok();
        self.press("Enter");
    }

    /// Everything that was shown since the last line was typed, also what has scrolled away; rows that were broken are
    /// joined.
    #[must_use]
    pub fn screen(&self) -> String {
        let shown = self.tmux(&["capture-pane", "-p", "-J", "-S", "-"]);
        let lines: Vec<&str> = shown.stdout.lines().map(str::trim_end).collect();
        let all = lines.join("\n");
        let at = match all.rfind(&self.typed) {
            Some(at) if !self.typed.is_empty() => at + self.typed.len(),
            Some(_) => 0,
            None => all.len(),
        };
        all[at..].trim_end().to_owned()
    }

    /// Waits until the screen is so, and writes it down.
    ///
    /// # Panics
    /// With the recording, when it does not come to that in time.
    pub fn wait_for(
        &mut self,
        what: &str,
        limit: Duration,
        is_so: impl Fn(&str) -> bool,
    ) -> String {
        let until = Instant::now() + limit;
        loop {
            let screen = self.screen();
            let so = is_so(&screen);
            if so || Instant::now() > until {
                let at = self.begun.elapsed().as_secs_f64();
                let typed = &self.typed;
                let _ = writeln!(self.recording, "--- {at:.1} s: {what}\n{PROMPT} {typed}{screen}");
                assert!(so, "no {what} within {limit:?}\n{}", self.recording);
                return screen;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
    }

    /// Waits until the screen shows these words.
    pub fn shows(&mut self, words: &str, limit: Duration) -> String {
        self.wait_for(&format!("`{words}`"), limit, |screen| screen.contains(words))
    }

    /// Waits until the command has ended and the shell asks for the next.
    pub fn ends(&mut self, limit: Duration) -> String {
        self.wait_for("the prompt", limit, |screen| screen.ends_with(PROMPT))
    }

    /// What the shell makes of a word.
    fn answer(&mut self, word: &str) -> String {
        let mark = format!("answer-{}:", self.lines);
        self.line(&format!("echo \"{mark}{word}\""));
        let of = |screen: &str| {
            let mut lines = screen.lines();
            lines.find_map(|line| line.strip_prefix(&mark).map(str::to_owned))
        };
        let screen = self.wait_for("an answer", TMUX, |screen| of(screen).is_some());
        of(&screen).unwrap_or_default()
    }

    /// The status of the command that has ended.
    ///
    /// # Panics
    /// With the recording, when the shell does not tell.
    pub fn status(&mut self) -> i32 {
        let text = self.answer("$?");
        text.parse().unwrap_or_else(|_| panic!("no status: {text}\n{}", self.recording))
    }

    /// Checks that the command left the terminal as it found it: keys are echoed, the cursor is there.
    ///
    /// # Panics
    /// With the recording, when it is not so.
    pub fn sane(&mut self) {
        let settings = self.answer("$(stty -g)");
        assert_eq!(settings, self.settings, "the terminal is not as before\n{}", self.recording);
        let flags = self.tmux(&["display-message", "-p", "#{cursor_flag} #{alternate_on}"]);
        assert_eq!(flags.stdout.trim(), "1 0", "cursor, other screen\n{}", self.recording);
    }

    /// Takes the terminal away, as a window that is closed.
    pub fn close(&self) {
        self.tmux(&["kill-server"]).ok();
    }

    /// What was shown at every step.
    #[must_use]
    pub fn recording(&self) -> &str {
        &self.recording
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(self.tmux(&["kill-server"]));
        if let Some(folder) = std::env::var_os(RECORDINGS) {
            let file = Path::new(&folder).join(format!("{}.txt", self.name));
            drop(std::fs::create_dir_all(&folder));
            drop(std::fs::write(file, &self.recording));
        }
    }
}
