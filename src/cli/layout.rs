//! Text in columns. Hangul takes two columns of a terminal each, so widths are counted, not lengths.

/// How wide a terminal may be taken to be.
pub(super) const COLUMNS: usize = 80;

/// How many columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

/// Unicode's East Asian wide and fullwidth blocks (UAX #11), as far as our texts come near them.
fn is_wide(c: char) -> bool {
    matches!(u32::from(c), 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6)
}

/// `text` and blanks up to `columns`.
pub(super) fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// `text` cut to `columns`, with an ellipsis where something is missing.
pub(super) fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        if width(&kept) + if is_wide(c) { 2 } else { 1 } >= columns {
            break;
        }
        kept.push(c);
    }
    format!("{}…", kept.trim_end())
}

/// A label and its text, broken at blanks, every further line below the first. Ends with a line end.
pub(super) fn entry(indent: usize, label: &str, label_columns: usize, text: &str) -> String {
    let margin = indent + label_columns;
    let mut out = format!("{}{}", " ".repeat(indent), padded(label, label_columns));
    let mut used = margin;
    for (index, word) in text.split_whitespace().enumerate() {
        if index > 0 && used + 1 + width(word) > COLUMNS {
            out = format!("{}\n{}", out.trim_end(), " ".repeat(margin));
            used = margin;
        } else if index > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += width(word);
    }
    out + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hangul_takes_two_columns() {
        assert_eq!((width("KOE320"), width("원인"), width("원인 → …")), (6, 4, 8));
        assert_eq!(padded("원인", 6), "원인  ");
        assert_eq!((cut("인가 코드", 9), cut("인가 코드", 8)), ("인가 코드".to_owned(), "인가 코…".to_owned()));
    }

    #[test]
    fn long_texts_hang_below_their_first_line() {
        let text = entry(2, "원인", 6, &"여덟글자입니다요 ".repeat(9));
        let lines: Vec<_> = text.lines().collect();
        assert!(lines.len() > 1 && lines.iter().all(|line| width(line) <= COLUMNS), "{text}");
        assert!(lines[0].starts_with("  원인  여덟") && lines[1].starts_with("        여덟"), "{text}");
    }
}
