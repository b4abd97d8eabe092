//! The built program as an operator runs it: in a folder of its own, with no environment but what the test gives.

use std::{
    io::Read,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use reqwest::StatusCode;
use serde_json::Value;

use super::{Browser, text};

/// Long enough for a slow machine; only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_mins(1);

/// The program and its folder, which is removed when dropped.
pub struct Binary {
    folder: tempfile::TempDir,
}

/// What a command left behind.
#[derive(Debug)]
pub struct Ran {
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// A command that goes on until it is stopped.
pub struct Running {
    child: Child,
    stdout: Stream,
    stderr: Stream,
}

impl Binary {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A path in its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Ran {
        let running = self.start(arguments, settings);
        running.wait()
    }

    /// Starts a command.
    pub fn start(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Running {
        let mut child = Command::new(env!("CARGO_BIN_EXE_munjigi"))
            .args(arguments)
            .env_clear()
            .envs(settings.iter().copied())
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        Running { child, stdout: Stream::of(stdout), stderr: Stream::of(stderr) }
    }
}

impl Running {
    /// Waits until `find` finds something in what was printed.
    pub fn find_in_stdout<T>(&self, find: impl Fn(&str) -> Option<T>) -> T {
        self.stdout.find(find).unwrap_or_else(|| panic!("not printed: {}\n{}", self.stdout.text(), self.stderr.text()))
    }

    /// The same in what was logged.
    pub fn find_in_stderr<T>(&self, find: impl Fn(&str) -> Option<T>) -> T {
        self.stderr.find(find).unwrap_or_else(|| panic!("not logged: {}\n{}", self.stderr.text(), self.stdout.text()))
    }

    /// Asks it to stop, as every supervisor does, and waits for its end.
    pub fn stop(self) -> Ran {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.wait()
    }

    /// Waits for its end.
    pub fn wait(mut self) -> Ran {
        let closed = self.stdout.wait_closed() && self.stderr.wait_closed();
        let (stdout, stderr) = (self.stdout.text(), self.stderr.text());
        assert!(closed, "it goes on and on: {stdout}\n{stderr}");
        Ran { code: self.child.wait().unwrap().code(), stdout, stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Of a test that failed: nothing goes on after it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Default)]
struct Seen {
    bytes: Vec<u8>,
    closed: bool,
}

/// Everything a process writes to one of its streams.
struct Stream {
    seen: Arc<(Mutex<Seen>, Condvar)>,
    _reader: JoinHandle<()>,
}

impl Stream {
    fn of(mut from: impl Read + Send + 'static) -> Self {
        let seen = Arc::<(Mutex<Seen>, Condvar)>::default();
        let shared = Arc::clone(&seen);
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            loop {
                let count = from.read(&mut buffer).unwrap_or(0);
                let mut seen = shared.0.lock().unwrap();
                seen.bytes.extend_from_slice(&buffer[..count]);
                seen.closed = count == 0;
                shared.1.notify_all();
                if seen.closed {
                    return;
                }
            }
        });
        Self { seen, _reader: reader }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.seen.0.lock().unwrap().bytes).into_owned()
    }

    fn find<T>(&self, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.wait_until(|seen| find(&String::from_utf8_lossy(&seen.bytes)).map(Some).or(seen.closed.then_some(None)))?
    }

    fn wait_closed(&self) -> bool {
        self.wait_until(|seen| seen.closed.then_some(())).is_some()
    }

    fn wait_until<T>(&self, ready: impl Fn(&Seen) -> Option<T>) -> Option<T> {
        let end = Instant::now() + PATIENCE;
        let mut seen = self.seen.0.lock().unwrap();
        loop {
            if let Some(found) = ready(&seen) {
                return Some(found);
            }
            let left = end.checked_duration_since(Instant::now())?;
            seen = self.seen.1.wait_timeout(seen, left).unwrap().0;
        }
    }
}

/// The first URL on the line of `text` that begins with `label`, once the line is complete.
pub fn url_after(text: &str, label: &str) -> Option<String> {
    let complete = &text[..=text.rfind('\n')?];
    let line = complete.lines().find(|line| line.trim_start().starts_with(label))?;
    let url = &line[line.find("http://")?..];
    Some(url.split_whitespace().next()?.trim_end_matches('/').to_owned())
}

/// The base URL of a gateway that logs where it listens.
pub fn started(gateway: &Running) -> String {
    gateway.find_in_stderr(|log| {
        let line = log.lines().find(|line| line.contains("\"event\":\"started\"") && line.ends_with('}'))?;
        let line: Value = serde_json::from_str(line).ok()?;
        let port = text(&line, "listen").rsplit(':').next()?.to_owned();
        Some(format!("http://localhost:{port}"))
    })
}

/// The URLs of gateway and mock that `munjigi demo` prints.
pub fn demo_urls(running: &Running) -> (String, String) {
    running.find_in_stdout(|text| Some((url_after(text, "Try it")?, url_after(text, "Mock Kakao")?)))
}

/// Lets `person` agree at a mock in another process; where it sends the browser then.
pub async fn consent_over_http(browser: &Browser, authorize_url: &str, person: &str) -> String {
    let answer = browser.get(&format!("{authorize_url}&mock_user={person}")).await;
    assert_eq!(answer.status, StatusCode::FOUND, "{}", answer.body);
    answer.location()
}
