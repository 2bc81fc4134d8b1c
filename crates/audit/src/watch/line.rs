//! One `Set-Cookie` line, or what a script gave to `document.cookie`, read as RFC 6265bis says (§5.6). Knows no jar.

use super::text::{VALUE, cut};
use crate::seen::SameSite;

/// What a line asks for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) value: String,
    /// With its leading dot where the line names one.
    pub(super) domain: String,
    pub(super) path: String,
    /// In seconds; negative or zero takes the cookie away.
    pub(super) lifetime: Option<i64>,
    pub(super) secure: bool,
    pub(super) http_only: bool,
    pub(super) same_site: SameSite,
    pub(super) partitioned: bool,
}

impl Line {
    /// Reads one that came from `url` at `now`, in seconds since 1970.
    pub(super) fn read(line: &str, url: &str, now: f64) -> Option<Self> {
        let mut parts = line.split(';');
        let pair = parts.next()?;
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() && value.is_empty() {
            return None;
        }
        let parsed = url::Url::parse(url).ok()?;
        let mut read = Self {
            name: cut(name, VALUE),
            value: cut(value, VALUE),
            domain: parsed.host_str()?.to_owned(),
            path: above(parsed.path()),
            lifetime: None,
            secure: false,
            http_only: false,
            same_site: SameSite::Unset,
            partitioned: false,
        };
        let (mut age, mut expires) = (None, None);
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim();
            match key.trim().to_ascii_lowercase().as_str() {
                "max-age" => age = seconds(value).or(age),
                "expires" => expires = date(value).or(expires),
                "domain" if !value.trim_start_matches('.').is_empty() => {
                    read.domain = format!(".{}", cut(&value.trim_start_matches('.').to_ascii_lowercase(), 256));
                }
                "path" if value.starts_with('/') => read.path = cut(value, VALUE),
                "secure" => read.secure = true,
                "httponly" => read.http_only = true,
                "partitioned" => read.partitioned = true,
                "samesite" => read.same_site = same(value),
                _ => {}
            }
        }
        #[expect(clippy::cast_possible_truncation, reason = "seconds of a lifetime")]
        let until = expires.filter(|_| now > 0.0).map(|expires: i64| expires - now.round() as i64);
        read.lifetime = age.or(until);
        Some(read)
    }

    pub(super) fn gone(&self) -> bool {
        self.lifetime.is_some_and(|lifetime| lifetime <= 0)
    }
}

/// RFC 6265bis §5.1.4: the directory of the path.
fn above(path: &str) -> String {
    match path.rfind('/') {
        None | Some(0) => "/".to_owned(),
        Some(end) => cut(&path[..end], VALUE),
    }
}

pub(super) fn same(value: &str) -> SameSite {
    match value.to_ascii_lowercase().as_str() {
        "strict" => SameSite::Strict,
        "lax" => SameSite::Lax,
        "none" => SameSite::None,
        _ => SameSite::Unset,
    }
}

fn seconds(value: &str) -> Option<i64> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(value.parse().unwrap_or(if value.starts_with('-') { i64::MIN } else { i64::MAX }))
}

/// RFC 6265 §5.1.1: seconds since 1970.
pub(super) fn date(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    let stop = |c: char| !(c.is_ascii_alphanumeric() || c == ':');
    for token in text.split(stop).filter(|token| !token.is_empty()) {
        let number = || token.parse::<i64>().ok();
        let lower = token.to_ascii_lowercase();
        if time.is_none() && token.contains(':') {
            let mut fields = token.split(':').map(|field| field.parse::<i64>().ok());
            let (Some(hour), Some(minute), Some(second)) = (fields.next()?, fields.next()?, fields.next()?) else {
                return None;
            };
            time = Some((hour, minute, second));
        } else if day.is_none() && token.len() <= 2 && number().is_some() {
            day = number();
        } else if let (None, Some(at)) = (month, MONTHS.iter().position(|name| lower.starts_with(name))) {
            month = i64::try_from(at + 1).ok();
        } else if year.is_none() && matches!(token.len(), 2 | 4) {
            year = number().or(year);
        }
    }
    let ((hour, minute, second), day, month, year) = (time?, day?, month?, year?);
    let year = match year {
        0..=69 => year + 2000,
        70..=99 => year + 1900,
        _ => year,
    };
    let fine = (1..=31).contains(&day) && (1601..=9999).contains(&year) && hour < 24 && minute < 60 && second < 60;
    fine.then(|| days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Days since 1970 in the Gregorian calendar, the year beginning in March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_it_asks_for() {
        let line = "_ga=1.2; Domain=Example.org; path=/x; Max-Age=100; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; \
                    HttpOnly; SameSite=None; Partitioned";
        let read = Line::read(line, "https://www.example.org/a/b?c", 1e9).unwrap();
        assert_eq!((read.name.as_str(), read.value.as_str()), ("_ga", "1.2"));
        assert_eq!((read.domain.as_str(), read.path.as_str(), read.lifetime), (".example.org", "/x", Some(100)));
        assert!(read.secure && read.http_only && read.partitioned && read.same_site == SameSite::None);
        let plain = Line::read("a=b=c", "https://www.example.org/a/b?c", 1e9).unwrap();
        assert_eq!(
            (plain.domain.as_str(), plain.path.as_str(), plain.value.as_str()),
            ("www.example.org", "/a", "b=c")
        );
        assert!(plain.lifetime.is_none() && plain.same_site == SameSite::Unset);
        // Without a clock nobody can say that a date is over.
        let unknown = Line::read("a=1; expires=Thu, 01 Jan 2099 00:00:00 GMT", "https://x.org/", 0.0).unwrap();
        assert!(unknown.lifetime.is_none() && !unknown.gone());
        assert!(Line::read("a=; max-age=0", "https://x.org/", 1e9).unwrap().gone());
        assert!(Line::read("a=; expires=Thu, 01 Jan 1970 00:00:00 GMT", "https://x.org/", 1e9).unwrap().gone());
    }

    #[test]
    fn dates_are_read_in_every_form_of_the_specification() {
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(date(text), Some(784_111_777), "{text}");
        }
        assert_eq!(date("Tue, 29 Feb 2028 00:00:00 GMT"), Some(1_835_395_200));
        assert_eq!(date("tomorrow"), None);
    }
}
