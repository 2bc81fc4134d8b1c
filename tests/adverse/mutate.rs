//! Pages made at random from a seed, the same for the same seed: pieces put together, then damaged.

use crate::seeds::{AROUND, CARRIERS, HOSTS, PIECES, SPELLINGS};

/// Numbers that look random: SplitMix64.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below this one; 0 below 1.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

/// A carrier with addresses in it.
fn carrier(dice: &mut Dice) -> String {
    let mut out = dice.one(CARRIERS).to_owned();
    while let Some(at) = out.find("{}") {
        let host = dice.one(HOSTS);
        let address = dice.one(SPELLINGS).replace("HOST", host);
        out.replace_range(at..at + 2, &address);
    }
    out
}

/// A page: carriers and other inputs one after the other, each page damaged a few times. One in eight is left whole.
pub fn page(dice: &mut Dice, others: &[String]) -> String {
    let mut page = String::new();
    for _ in 0..=dice.below(4) {
        if !others.is_empty() && dice.below(4) == 0 {
            page.push_str(&others[dice.below(others.len())]);
        }
        page.push_str(&carrier(dice));
    }
    if dice.below(8) > 0 {
        for _ in 0..=dice.below(5) {
            damage(&mut page, dice);
        }
    }
    page
}

/// A place between two characters; half of the time beside markup, where it does most.
fn place(page: &str, dice: &mut Dice) -> usize {
    let marks: Vec<usize> = page.match_indices(['<', '>', '"', '\'', '=', ' ']).map(|(at, _)| at).collect();
    let mut at = if !marks.is_empty() && dice.below(2) == 0 {
        marks[dice.below(marks.len())] + dice.below(2)
    } else {
        dice.below(page.len() + 1)
    };
    while !page.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn stretch(page: &str, dice: &mut Dice) -> std::ops::Range<usize> {
    let (a, b) = (place(page, dice), place(page, dice));
    a.min(b)..a.max(b)
}

fn damage(page: &mut String, dice: &mut Dice) {
    match dice.below(14) {
        0 => drop(page.drain(stretch(page, dice).clone())),
        1 => {
            let copy = page[stretch(page, dice)].to_owned();
            page.insert_str(place(page, dice), &copy);
        }
        2..=4 => page.insert_str(place(page, dice), dice.one(PIECES)),
        5 => page.truncate(place(page, dice)),
        6 => {
            let other = carrier(dice);
            page.insert_str(place(page, dice), &other[stretch(&other, dice)]);
        }
        7..=9 => {
            let range = stretch(page, dice);
            let (before, after) = AROUND[dice.below(AROUND.len())];
            page.insert_str(range.end, after);
            page.insert_str(range.start, before);
        }
        10 => {
            let range = stretch(page, dice);
            let text = page[range.clone()].to_owned();
            let turned = if dice.below(2) == 0 { text.to_ascii_uppercase() } else { text.to_ascii_lowercase() };
            page.replace_range(range, &turned);
        }
        11 => page.insert_str(
            place(page, dice),
            dice.one(&["\0", "\t", "\n", "\r", "\x0c", "\x0b", "\u{a0}", "\u{feff}", " "]),
        ),
        12 => swap(page, dice, &["\"", "'", ">", "=", " ", "<"], &["", "\"", "'", "`", " ", "\n", "/", ">"]),
        _ => {
            let at = place(page, dice);
            if let Some(c) = page[at..].chars().next() {
                let end = if dice.below(3) == 0 { "" } else { ";" };
                let entity =
                    if dice.below(2) == 0 { format!("&#{}{end}", c as u32) } else { format!("&#x{:X}{end}", c as u32) };
                page.replace_range(at..at + c.len_utf8(), &entity);
            }
        }
    }
}

/// Puts one of these in the place of one of those.
fn swap(page: &mut String, dice: &mut Dice, those: &[&str], these: &[&str]) {
    let old = dice.one(those);
    let found: Vec<usize> = page.match_indices(old).map(|(at, _)| at).collect();
    if !found.is_empty() {
        let at = found[dice.below(found.len())];
        page.replace_range(at..at + old.len(), dice.one(these));
    }
}

/// The smallest page that still fails, found by leaving out halves, quarters and so on.
pub async fn shrink<F: AsyncFnMut(&str) -> bool>(page: &str, mut fails: F) -> String {
    let mut best: Vec<char> = page.chars().collect();
    let mut size = best.len() / 2;
    while size > 0 {
        let (mut at, mut shorter) = (0, false);
        while at < best.len() {
            let mut less = best.clone();
            less.drain(at..(at + size).min(best.len()));
            if fails(&less.iter().collect::<String>()).await {
                (best, shorter) = (less, true);
            } else {
                at += size;
            }
        }
        if !shorter || size > 1 {
            size /= 2;
        }
    }
    best.into_iter().collect()
}
