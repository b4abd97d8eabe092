//! Processor time and memory of the processes under test, from /proc. A process stands for itself and all its descendants.

use std::{collections::HashMap, fs, str::FromStr};

use serde::Serialize;

/// A name and the process that it and its descendants are counted under.
#[derive(Clone)]
pub struct Watched {
    pub name: String,
    root: u32,
}

impl FromStr for Watched {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, root) = text.split_once('=').ok_or("NAME=PID")?;
        Ok(Self { name: name.to_owned(), root: root.parse().map_err(|_| "PID is no number")? })
    }
}

/// One look.
#[derive(Default, Clone, Copy, Serialize)]
pub struct Look {
    #[serde(skip)]
    pub cpu_ticks: u64,
    pub processes: u32,
    pub rss_kb: u64,
    /// Shared pages divided among those who share them: the fair figure for servers of several processes.
    pub pss_kb: u64,
    /// The highest RSS each process ever had, summed.
    pub peak_rss_kb: u64,
}

/// Kernel clock ticks a second in /proc; a constant of Linux's interface to programs.
pub const TICKS_PER_SECOND: u64 = 100;

impl Watched {
    pub fn look(&self) -> Look {
        let mut look = Look::default();
        for pid in family(self.root) {
            let Some(stat) = stat(pid) else { continue };
            look.processes += 1;
            // Also of children that are gone: a worker that was replaced has worked.
            look.cpu_ticks += stat.ticks;
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            look.rss_kb += kilobytes(&status, "VmRSS:");
            look.peak_rss_kb += kilobytes(&status, "VmHWM:");
            let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
            look.pss_kb += kilobytes(&rollup, "Pss:");
        }
        look
    }

    /// Processor time alone, which is cheap to ask for.
    pub fn cpu_ticks(&self) -> u64 {
        family(self.root).into_iter().filter_map(stat).map(|stat| stat.ticks).sum()
    }
}

/// Processor time of this process.
pub fn own_cpu_ticks() -> u64 {
    stat(std::process::id()).map_or(0, |stat| stat.ticks)
}

/// Processor time of the whole machine, of whoever, in ticks.
#[derive(Clone, Copy, Default)]
pub struct Machine {
    pub busy: u64,
    /// Taken by other guests of the host.
    pub stolen: u64,
    pub all: u64,
}

impl Machine {
    /// proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal; guests are in user already.
    pub fn now() -> Self {
        let text = fs::read_to_string("/proc/stat").unwrap_or_default();
        let line = text.lines().next().unwrap_or_default();
        let ticks: Vec<u64> = line.split_whitespace().skip(1).take(8).filter_map(|ticks| ticks.parse().ok()).collect();
        let at = |index: usize| ticks.get(index).copied().unwrap_or(0);
        let idle = at(3) + at(4);
        let all: u64 = ticks.iter().sum();
        Self { busy: all - idle - at(7), stolen: at(7), all }
    }

    /// What was spent since.
    pub fn until_now(self) -> Self {
        let now = Self::now();
        Self {
            busy: now.busy.saturating_sub(self.busy),
            stolen: now.stolen.saturating_sub(self.stolen),
            all: now.all.saturating_sub(self.all),
        }
    }
}

struct Stat {
    parent: u32,
    ticks: u64,
}

/// proc_pid_stat(5): the name in parentheses may hold anything, so fields are counted from its end.
fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    let ticks = number(11)? + number(12)? + number(13)? + number(14)?;
    Some(Stat { parent: u32::try_from(number(1)?).ok()?, ticks })
}

fn family(root: u32) -> Vec<u32> {
    let pids = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for pid in pids {
        if let Some(stat) = stat(pid) {
            children.entry(stat.parent).or_default().push(pid);
        }
    }
    let mut found = vec![root];
    let mut at = 0;
    while at < found.len() {
        found.extend(children.remove(&found[at]).unwrap_or_default());
        at += 1;
    }
    found
}

fn kilobytes(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
