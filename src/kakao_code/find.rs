//! Finding a code in what people paste: the code itself, a line of a log, the whole answer of Kakao's.

use super::{KakaoCode, all, get};

/// At most this many suggestions.
const SUGGESTIONS: usize = 3;

/// Whether `text` is a code of the table, spelled exactly so.
pub fn is_known_code(text: &str) -> bool {
    get(text).is_some()
}

/// The code in `text`: several entries only where one code has several meanings. `Err` holds the nearest codes.
///
/// HTTP statuses are no codes: `401` finds nothing, and suggests `-401`.
pub fn find(text: &str) -> Result<Vec<&'static KakaoCode>, Vec<&'static str>> {
    let text = text.trim().to_ascii_lowercase().replace('\u{2212}', "-");
    let Some(code) = koe(&text).or_else(|| negative(&text)).or_else(|| word(&text)) else {
        return Err(nearest(&text));
    };
    let entries: Vec<_> = all().filter(|entry| entry.code.eq_ignore_ascii_case(&code)).collect();
    if entries.is_empty() {
        return Err(nearest(&code));
    }
    let described: Vec<_> = entries.iter().copied().filter(|entry| entry.is_described_by(&text)).collect();
    Ok(if described.is_empty() { entries } else { described })
}

/// `KOE320`, `koe 320`, `KOE-320`, `KOE_320`.
fn koe(text: &str) -> Option<String> {
    text.match_indices("koe").find_map(|(at, name)| {
        let rest = text[at + name.len()..].trim_start_matches([' ', '-', '_', ':', '#']);
        let digits = leading_digits(rest);
        (digits.len() == 3 && begins_word(text, at)).then(|| format!("KOE{digits}"))
    })
}

/// `-401`, also within `"code":-401`; not the month of a date.
fn negative(text: &str) -> Option<String> {
    text.match_indices('-').find_map(|(at, _)| {
        let rest = &text[at + 1..];
        let digits = leading_digits(rest);
        let ends = !rest[digits.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
        (!digits.is_empty() && ends && begins_word(text, at)).then(|| format!("-{digits}"))
    })
}

/// A name such as `access_denied`.
fn word(text: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let mut known = words.filter(|word| word.contains('_') && is_known_code(word));
    known.next().map(ToOwned::to_owned)
}

fn leading_digits(text: &str) -> &str {
    &text[..text.bytes().take_while(u8::is_ascii_digit).count()]
}

fn begins_word(text: &str, at: usize) -> bool {
    !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric())
}

/// Codes that come with the OAuth error `text`, or that are spelled nearly so.
fn nearest(text: &str) -> Vec<&'static str> {
    let text = text.to_ascii_lowercase();
    let mut found: Vec<_> = all().map(|entry| entry.code).collect();
    if text.contains('_') && all().any(|entry| entry.upstream.contains(&text)) {
        found = all().filter(|entry| entry.upstream.contains(&text)).map(|entry| entry.code).collect();
    } else {
        let limit = if text.len() < 4 { 1 } else { text.len() / 3 };
        let distance = |code: &str| strsim::damerau_levenshtein(&text, &code.to_ascii_lowercase());
        found.retain(|code| distance(code) <= limit);
        // Of equally near ones first those that begin alike.
        found.sort_by_key(|code| (distance(code), std::cmp::Reverse(alike(&text, code))));
    }
    found.dedup();
    found.truncate(SUGGESTIONS);
    found
}

/// How many characters two spellings have in common from the left.
fn alike(text: &str, code: &str) -> usize {
    text.chars().zip(code.chars()).take_while(|(one, other)| one.eq_ignore_ascii_case(other)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<&'static str> {
        find(text).unwrap_or_else(|nearest| panic!("{text}: {nearest:?}")).iter().map(|entry| entry.code).collect()
    }

    #[test]
    fn a_code_is_found_however_it_is_pasted() {
        for (pasted, code) in [
            ("KOE320", "KOE320"),
            (" koe320\n", "KOE320"),
            ("KOE-320", "KOE320"),
            ("KOE 006 오류", "KOE006"),
            (" -401", "-401"),
            ("code: -401", "-401"),
            (r#"{"msg":"this access token does not exist","code":-401}"#, "-401"),
            ("\u{2212}402", "-402"),
            (r#"{"error":"invalid_grant","error_description":"code=A-12-b","error_code":"KOE320"}"#, "KOE320"),
            ("2026-10-08 error code -9798", "-9798"),
            ("/callback?error=consent_required&state=x", "consent_required"),
        ] {
            assert_eq!(codes(pasted), [code], "{pasted}");
        }
    }

    #[test]
    fn the_description_chooses_between_two_meanings() {
        assert_eq!(codes("access_denied").len(), 2);
        let young = find("error=access_denied&error_description=Not allowed under age 14").unwrap();
        assert_eq!((young.len(), young[0].described), (1, Some("Not allowed under age 14")));
        let cancelled = find("access_denied: User denied access").unwrap();
        assert_eq!((cancelled.len(), cancelled[0].described), (1, Some("User denied access")));
    }

    #[test]
    fn what_is_no_code_finds_nothing_but_suggests_what_was_meant() {
        assert_eq!(find("401").unwrap_err(), ["-401"], "an HTTP status is no code");
        assert_eq!(find("KOE302").unwrap_err(), ["KOE303", "KOE320", "KOE322"]);
        assert!(find("access_denid").unwrap_err().contains(&"access_denied"));
        assert_eq!(find("invalid_client").unwrap_err(), ["KOE010", "KOE101", "KOE102"]);
        for nothing in ["", "hello", "2026-10-08", "a-401", "KOE3200", "-40x", "\u{d55c}\u{ae00}"] {
            assert!(find(nothing).is_err(), "{nothing}");
        }
        assert_eq!(find("hello").unwrap_err(), Vec::<&str>::new());
    }

    #[test]
    fn only_the_exact_spelling_is_known() {
        assert!(is_known_code("KOE320") && is_known_code("-401") && is_known_code("server_error"));
        assert!(!is_known_code("koe320") && !is_known_code("401") && !is_known_code("") && !is_known_code("KOE999"));
    }
}
