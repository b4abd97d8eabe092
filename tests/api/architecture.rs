//! Who may use whom: reads the `crate::…` paths of every file and names the one that breaks a wall.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// What each room may use. Everything may use the leaves and itself.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("token", &[]),
    ("config", &[]),
    ("clock", &[]),
    ("error_code", &[]),
    ("kakao_code", &[]),
    ("explain", &[]),
    ("metrics", &[]),
    ("telemetry", &[]),
    ("pages", &[]),
    ("provider", &["domain"]),
    ("storage", &["domain"]),
    ("flow", &["domain", "provider", "storage"]),
    ("replicas", &["storage"]),
    ("http", &["domain", "provider", "storage", "flow", "replicas", "pages"]),
    ("app", &["domain", "provider", "storage", "flow", "replicas", "http", "pages", "telemetry"]),
    ("cli", &["app", "domain", "provider", "storage", "flow", "replicas", "http", "pages", "telemetry"]),
    ("lib", &[]),
    ("main", &["cli"]),
];

const LEAVES: &[&str] = &["token", "config", "clock", "error_code", "kakao_code", "explain", "metrics"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let nested = entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] });
    nested.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// The room of a file: its folder below `src`, or its own name.
fn room(path: &Path) -> String {
    let below = path.strip_prefix(source()).unwrap();
    below.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

/// Code lines without comments and without the tests at a file's end.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned();
    code.lines().enumerate().map(|(i, line)| (i + 1, line.split("//").next().unwrap().to_owned())).collect()
}

/// Modules named right after `crate::`, also in groups.
fn used_rooms(text: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut item = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => rooms.push(std::mem::take(&mut item)),
                    c if depth == 0 => item.push(c),
                    _ => {}
                }
            }
            rooms.push(item);
        } else {
            rooms.push(rest.to_owned());
        }
    }
    let name = |text: &String| text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    rooms.iter().map(name).filter(|name| !name.is_empty()).collect()
}

#[test]
fn every_room_uses_only_what_it_may() {
    let allowed: BTreeMap<_, _> = MAY_USE.iter().copied().collect();
    let mut broken = Vec::new();
    for path in files(&source()) {
        let room = room(&path);
        let may = allowed.get(room.as_str()).unwrap_or_else(|| panic!("{room} is a room without rules"));
        let text: String = code(&path).into_iter().map(|(_, line)| line + "\n").collect();
        for used in used_rooms(&text) {
            if used != room && !LEAVES.contains(&used.as_str()) && !may.contains(&used.as_str()) {
                broken.push(format!("{}: {room} may not use {used}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

fn lines_with(rooms: &[&str], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for path in files(&source()).iter().filter(|path| rooms.contains(&room(path).as_str())) {
        for (number, line) in code(path) {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{number}: {}", path.display(), line.trim()));
            }
        }
    }
    found
}

#[test]
fn nouns_and_formats_never_await() {
    let found = lines_with(
        &["domain", "token", "config", "error_code", "kakao_code", "explain", "pages"],
        &[".await", "async fn"],
    );
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn poem_stays_in_http_and_the_database_in_storage() {
    let inside = [
        "domain",
        "token",
        "config",
        "clock",
        "error_code",
        "kakao_code",
        "explain",
        "provider",
        "replicas",
        "storage",
        "flow",
        "pages",
    ];
    let found = lines_with(&inside, &["poem::", "poem_openapi"]);
    assert!(found.is_empty(), "{}", found.join("\n"));
    let outside = [
        "domain",
        "token",
        "config",
        "clock",
        "error_code",
        "kakao_code",
        "explain",
        "provider",
        "replicas",
        "flow",
        "http",
        "pages",
        "cli",
        "app",
    ];
    let found = lines_with(&outside, &["sea_orm", "sqlx::"]);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_file_is_too_long_to_hold_in_the_head() {
    let long = files(&source()).into_iter().filter(|path| fs::read_to_string(path).unwrap().lines().count() > 450);
    let long: Vec<_> = long.map(|path| path.display().to_string()).collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn the_reader_of_paths_sees_groups() {
    let text = "use crate::{\n    clock::Clock,\n    flow::{a, b::{c}},\n    http,\n};\nlet x = crate::pages::y();";
    assert_eq!(used_rooms(text), ["clock", "flow", "http", "pages"]);
}
