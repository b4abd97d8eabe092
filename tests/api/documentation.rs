//! The documentation: generated pages are up to date, both languages mirror each other, and whatever a page names exists.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Component, Path, PathBuf},
};

use munjigi::{config::settings, explain};

use crate::support::binary::Binary;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Markdown file below `folder`, by its path below it. Not what was built or installed.
fn pages(folder: &Path) -> BTreeMap<PathBuf, String> {
    fn walk(folder: &Path, base: &Path, found: &mut BTreeMap<PathBuf, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !name.starts_with('.') && !["target", "node_modules", "dist"].contains(&name.as_str()) {
                walk(&path, base, found);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.insert(path.strip_prefix(base).unwrap().to_owned(), fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}

/// A page and its counterpart, by name.
fn pairs() -> Vec<(String, String, String)> {
    let (korean, english) = (pages(&root().join("docs/ko")), pages(&root().join("docs/en")));
    let (ours, theirs): (Vec<_>, Vec<_>) = (korean.keys().collect(), english.keys().collect());
    assert_eq!(ours, theirs, "docs/ko and docs/en have the same pages");
    assert!(korean.len() > 100, "the pages of the codes alone are more");
    let mut pairs: Vec<_> = korean
        .into_iter()
        .zip(english.into_values())
        .map(|((path, korean), english)| (path.display().to_string(), korean, english))
        .collect();
    let read = |name: &str| fs::read_to_string(root().join(name)).unwrap();
    pairs.push(("README".to_owned(), read("README.ko.md"), read("README.md")));
    pairs
}

/// A page taken apart.
#[derive(Default)]
struct Parsed {
    /// Level and text.
    headings: Vec<(usize, String)>,
    /// Language and lines.
    blocks: Vec<(String, Vec<String>)>,
    /// Everything else, `code spans` taken out.
    prose: String,
    spans: Vec<String>,
}

fn parse(text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    let mut open = false;
    for line in text.lines() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            open = !open;
            if open {
                parsed.blocks.push((language.trim().to_owned(), Vec::new()));
            }
        } else if open {
            parsed.blocks.last_mut().unwrap().1.push(line.to_owned());
        } else {
            let level = line.bytes().take_while(|byte| *byte == b'#').count();
            if level > 0 && line[level..].starts_with(' ') {
                parsed.headings.push((level, line[level..].trim().to_owned()));
            }
            for (index, piece) in line.split('`').enumerate() {
                if index % 2 == 0 {
                    parsed.prose.push_str(piece);
                } else {
                    parsed.spans.push(piece.to_owned());
                    parsed.prose.push('·');
                }
            }
            parsed.prose.push('\n');
        }
    }
    assert!(!open, "a block of code that does not end:\n{text}");
    parsed
}

/// A line of code without its comment, which may be in either language.
fn without_comment(line: &str) -> &str {
    let starts = ["# ", "// ", "-- ", "; "];
    if starts.iter().any(|start| line.trim_start().starts_with(start)) {
        return "";
    }
    let end = [" # ", " // "].iter().filter_map(|mark| line.find(mark)).min();
    line[..end.unwrap_or(line.len())].trim_end()
}

#[test]
fn generated_pages_are_what_the_program_writes() {
    let binary = Binary::new();
    let ran = binary.run(&["reference", "docs"], &[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{}", ran.stderr);
    for language in ["ko", "en"] {
        let folder = format!("docs/{language}/reference");
        let (written, committed) = (pages(&binary.path(&folder)), pages(&root().join(&folder)));
        for name in written.keys().chain(committed.keys()) {
            assert!(
                written.get(name) == committed.get(name),
                "{folder}/{}: mend it with: make reference",
                name.display()
            );
        }
        for code in explain::all() {
            assert!(written.contains_key(Path::new(&format!("errors/{}.md", code.name()))), "{}", code.name());
        }
    }
}

#[test]
fn both_languages_have_the_same_headings_and_the_same_code() {
    let mut found = Vec::new();
    for (name, korean, english) in pairs() {
        let (korean, english) = (parse(&korean), parse(&english));
        let levels = |parsed: &Parsed| parsed.headings.iter().map(|(level, _)| *level).collect::<Vec<_>>();
        if levels(&korean) != levels(&english) {
            found.push(format!("{name}: headings {:?} and {:?}", korean.headings, english.headings));
        }
        if korean.blocks.len() != english.blocks.len() {
            found.push(format!("{name}: {} blocks of code and {}", korean.blocks.len(), english.blocks.len()));
        }
        for ((kind, ours), (other, theirs)) in korean.blocks.iter().zip(&english.blocks) {
            let code = |lines: &[String]| {
                let lines = lines.iter().map(|line| without_comment(line).to_owned());
                lines.filter(|line| !line.is_empty()).collect::<Vec<_>>()
            };
            // What is drawn or printed may be in either language.
            if kind != other || (kind != "text" && code(ours) != code(theirs)) {
                found.push(format!("{name}: {kind} {:#?}\n{other} {:#?}", code(ours), code(theirs)));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn korean_pages_are_korean_and_english_ones_english() {
    let has_hangul = |text: &str| text.chars().any(|c| ('가'..='힣').contains(&c));
    for (name, korean, english) in pairs() {
        assert!(has_hangul(&parse(&korean).prose), "{name}");
        let title = &parse(&english).headings[0].1;
        assert!(!has_hangul(title) || name == "README", "{name}: {title}");
    }
}

/// What follows `#` in the address of a heading, as GitHub makes it.
fn anchors(parsed: &Parsed) -> BTreeSet<String> {
    let mut seen = BTreeMap::new();
    let mut found = BTreeSet::new();
    for (_, heading) in &parsed.headings {
        // A link in a heading counts by its text.
        let text = heading.replace('`', "");
        let kept =
            text.to_lowercase().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect::<String>();
        let slug = kept.replace(' ', "-");
        let count = seen.entry(slug.clone()).or_insert(0);
        found.insert(if *count == 0 { slug } else { format!("{slug}-{count}") });
        *count += 1;
    }
    found
}

/// `folder/../other` without the way back.
fn normal(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => assert!(parts.pop(), "{} leads out of the repository", path.display()),
            Component::CurDir => {}
            part => parts.push(part),
        }
    }
    parts
}

#[test]
fn every_link_leads_somewhere() {
    let pages = pages(root());
    let parsed: BTreeMap<_, _> = pages.iter().map(|(path, text)| (path.clone(), parse(text))).collect();
    let mut broken = Vec::new();
    let mut count = 0;
    for (path, page) in &parsed {
        for (at, _) in page.prose.match_indices("](") {
            let target = page.prose[at + 2..].split([')', '\n']).next().unwrap_or_default();
            if ["http://", "https://", "mailto:", "<http"].iter().any(|scheme| target.starts_with(scheme)) {
                continue;
            }
            count += 1;
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { path.clone() } else { normal(&path.parent().unwrap().join(file)) };
            let leads = root().join(&file).exists()
                && (anchor.is_empty() || parsed.get(&file).is_none_or(|page| anchors(page).contains(anchor)));
            if !leads {
                broken.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert!(count > 500, "{count} links: the reader of links has gone blind");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_page_is_found_from_the_index_and_by_machines() {
    let machines = fs::read_to_string(root().join("llms.txt")).unwrap();
    for language in ["ko", "en"] {
        let folder = format!("docs/{language}");
        let pages = pages(&root().join(&folder));
        let index = &pages[Path::new("README.md")];
        for path in pages.keys().filter(|path| !path.starts_with("reference/errors") && *path != Path::new("README.md"))
        {
            assert!(
                index.contains(&format!("]({})", path.display())),
                "{folder}/README.md does not lead to {}",
                path.display()
            );
            let listed = format!("](docs/en/{})", path.display());
            assert!(machines.contains(&listed), "llms.txt does not list {}", path.display());
        }
    }
}

/// What people read: not the notes beside tests and tools.
fn manual() -> impl Iterator<Item = (String, String)> {
    let of_docs = pages(&root().join("docs")).into_iter().map(|(path, text)| (path.display().to_string(), text));
    let others = ["README.md", "README.ko.md", "web/packages/munjigi/README.md", "mock-kakao/README.md"];
    of_docs.chain(others.map(|name| (name.to_owned(), fs::read_to_string(root().join(name)).unwrap())))
}

#[test]
fn every_setting_that_is_named_exists() {
    let codes: BTreeSet<_> = explain::all().map(explain::Code::name).collect();
    let mut unknown = BTreeSet::new();
    let mut known = 0;
    for (name, text) in manual() {
        for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
            known += usize::from(settings::find(word).is_some());
            // A prefix alone stands for all that begin so.
            if settings::did_you_mean(word).is_some() && !codes.contains(word) && !word.ends_with('_') {
                unknown.insert(format!("{name}: {word}"));
            }
        }
    }
    assert!(known > 300, "{known}");
    assert!(unknown.is_empty(), "{unknown:#?}");
}

#[test]
fn every_command_that_is_named_exists() {
    let page = fs::read_to_string(root().join("docs/en/reference/cli.md")).unwrap();
    let commands: BTreeSet<_> = parse(&page).headings.into_iter().map(|(_, heading)| heading).collect();
    let exists = |words: &[&str]| {
        let name = words[0];
        let parent = format!("munjigi {name}");
        let has_children = commands.iter().any(|command| command.starts_with(&format!("{parent} ")));
        let child = words.get(1).filter(|word| has_children && word.starts_with(|c: char| c.is_ascii_lowercase()));
        let children_exist =
            child.is_none_or(|names| names.split('|').all(|name| commands.contains(&format!("{parent} {name}"))));
        name == "reference" || (commands.contains(&parent) && children_exist)
    };
    let mut unknown = Vec::new();
    let mut count = 0;
    for (name, text) in manual() {
        let parsed = parse(&text);
        let shell = ["sh", "bash", "console", "ini", "yaml", "dockerfile"];
        let lines =
            parsed.blocks.iter().filter(|(kind, _)| shell.contains(&kind.as_str())).flat_map(|(_, lines)| lines);
        for line in lines.map(|line| without_comment(line)).chain(parsed.spans.iter().map(String::as_str)) {
            for mark in ["munjigi ", "cargo run -- "] {
                for (at, _) in line.match_indices(mark) {
                    let words: Vec<_> = line[at + mark.len()..].split_whitespace().collect();
                    let is_command = line[..at].is_empty() || line[..at].ends_with([' ', '/']);
                    if is_command
                        && words.first().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
                    {
                        count += 1;
                        if !exists(&words) {
                            unknown.push(format!("{name}: {line}"));
                        }
                    }
                }
            }
        }
    }
    assert!(count > 100, "{count}");
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

#[test]
fn what_the_readme_says_to_try_is_what_ci_runs() {
    let readme = parse(&fs::read_to_string(root().join("README.md")).unwrap());
    let (kind, lines) = &readme.blocks[0];
    let ran = ["Makefile", ".ci/run"].map(|name| fs::read_to_string(root().join(name)).unwrap()).concat();
    assert!(kind == "sh" && !lines.is_empty());
    for line in lines.iter().map(|line| without_comment(line).trim()).filter(|line| !line.is_empty()) {
        assert!(ran.contains(line), "{line} is neither in the Makefile nor in .ci/run");
    }
}
