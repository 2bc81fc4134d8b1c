//! The newsroom's comments: kept in memory, bounded, escaped when shown.
//!
//! This room does not know consent: the gateway decides whether a visitor reaches it at all.

use super::articles::ARTICLES;
use super::reply::{self, Reply};
use super::text;
use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

/// Comments kept per article; the oldest go first.
const KEPT: usize = 50;
/// Bytes of a posted comment, encoding included.
const BODY: usize = 16 * 1024;

/// One comment, as its writer wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Comment {
    name: String,
    text: String,
}

/// All comments, by article.
#[derive(Debug)]
pub(super) struct Comments(Mutex<HashMap<String, VecDeque<Comment>>>);

/// A comment that came in, and how its sender wants to hear of it.
struct Posted {
    article: String,
    comment: Comment,
    form: bool,
}

impl Comments {
    /// The comments the demo opens with.
    pub(super) fn new() -> Self {
        let seeds = [
            (
                "moulin",
                "Gwenola T.",
                "J’ai grandi rue de l’Écluse. Le bruit de la roue, le soir, m’avait manqué sans que je le sache.",
            ),
            ("moulin", "A. Ravenel", "Très bel article. Sait-on à quelle heure la vanne s’ouvre en semaine ?"),
            (
                "mill",
                "Gwenola T.",
                "I grew up on Sluice Street. I had missed the sound of the wheel of an evening without knowing it.",
            ),
            ("mill", "P. Sandwell", "A fine piece. Does anyone know when the gate opens on weekdays?"),
            ("phare", "Marin d’eau douce", "Trois éclats toutes les douze secondes : on ne s’en lasse pas."),
        ];
        let all = Self(Mutex::default());
        for (article, name, text) in seeds {
            all.add(article, Comment { name: name.to_owned(), text: text.to_owned() });
        }
        all
    }

    fn add(&self, article: &str, comment: Comment) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let list = all.entry(article.to_owned()).or_default();
        if list.len() == KEPT {
            list.pop_front();
        }
        list.push_back(comment);
    }

    /// The comments of an article, oldest first.
    pub(super) fn list(&self, article: &str) -> Vec<Comment> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(article).map(|list| list.iter().cloned().collect()).unwrap_or_default()
    }

    /// The comments of an article as list items.
    pub(super) fn html(&self, article: &str) -> String {
        self.list(article).iter().fold(String::new(), |mut out, comment| {
            let (name, text) = (text::escape(&comment.name), text::escape(&comment.text));
            // Writing to a string cannot fail.
            let _ = write!(out, "<li><p class=\"who\"><b>{name}</b></p><p>{text}</p></li>");
            out
        })
    }

    /// `GET /comments/ID`.
    pub(super) fn show(&self, article: &str) -> Reply {
        if !ARTICLES.iter().any(|known| known.id == article) {
            return reply::coded(reply::json(&json!({ "error": "no such article" })), StatusCode::NOT_FOUND);
        }
        reply::json(&Value::from(self.list(article).iter().map(Comment::json).collect::<Vec<_>>()))
    }

    /// `POST /comments`.
    pub(super) async fn post(&self, request: Request<Incoming>) -> Reply {
        let media = text::line(request.headers(), header::CONTENT_TYPE);
        let wants = text::line(request.headers(), header::ACCEPT);
        let Ok(body) = Limited::new(request.into_body(), BODY).collect().await else {
            return reply::status(StatusCode::PAYLOAD_TOO_LARGE, "A comment has at most 16 kB.");
        };
        match Posted::read(&media, &body.to_bytes()) {
            Ok(posted) => self.take(posted, wants.contains("application/json")),
            Err(why) => reply::coded(reply::json(&json!({ "error": why })), StatusCode::BAD_REQUEST),
        }
    }

    fn take(&self, posted: Posted, json: bool) -> Reply {
        let said = posted.comment.json();
        self.add(&posted.article, posted.comment);
        let place = ARTICLES.iter().find(|known| known.id == posted.article).map_or("/", |known| known.path);
        if posted.form && !json {
            reply::see(&format!("{place}#comments"))
        } else {
            reply::coded(reply::json(&said), StatusCode::CREATED)
        }
    }
}

impl Comment {
    fn json(&self) -> Value {
        json!({ "name": self.name, "text": self.text })
    }
}

impl Posted {
    fn read(media: &str, body: &Bytes) -> Result<Self, &'static str> {
        let form = !media.starts_with("application/json");
        let fields: HashMap<String, String> = if form {
            url::form_urlencoded::parse(body).into_owned().collect()
        } else {
            serde_json::from_slice(body).map_err(|_| "expected an object of name, text and article")?
        };
        let field = |name: &str, most| text::short(fields.get(name).map_or("", |text| text.trim()), most);
        let (article, name, text) = (field("article", 40), field("name", 60), field("text", 2000));
        if !ARTICLES.iter().any(|known| known.id == article) {
            return Err("no such article");
        }
        if name.is_empty() || text.is_empty() {
            return Err("a comment needs a name and a text");
        }
        Ok(Self { article, comment: Comment { name, text }, form })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(media: &str, body: &str) -> Result<Posted, &'static str> {
        Posted::read(media, &Bytes::copy_from_slice(body.as_bytes()))
    }

    #[test]
    fn comments_are_escaped() {
        let comments = Comments::new();
        let body = "article=moulin&name=%3Cb%3E&text=%3Cscript%3Ealert(1)%3C%2Fscript%3E+%7B%7Bads%7D%7D";
        comments.take(posted("application/x-www-form-urlencoded", body).unwrap(), false);
        let html = comments.html("moulin");
        assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && html.contains("<b>&lt;b&gt;</b>"));
        assert!(!html.contains("<script"));
    }

    #[test]
    fn forms_go_back_and_scripts_get_json() {
        let comments = Comments::new();
        let form = posted("application/x-www-form-urlencoded", "article=phare&name=a&text=b").unwrap();
        let back = comments.take(form, false);
        assert_eq!(
            (back.status(), &back.headers()["location"]),
            (StatusCode::SEE_OTHER, &"/phare#comments".parse().unwrap())
        );
        let script = posted("application/json", r#"{"article":"phare","name":"a","text":"b"}"#).unwrap();
        assert_eq!(comments.take(script, false).status(), StatusCode::CREATED);
    }

    #[test]
    fn what_is_not_a_comment_is_refused() {
        for (media, body) in [
            ("", "article=moulin&name=a"),
            ("", "article=moulin&name=+&text=b"),
            ("", "article=elsewhere&name=a&text=b"),
            ("application/json", "[1]"),
            ("application/json", r#"{"article":"moulin","name":7,"text":"b"}"#),
        ] {
            assert!(posted(media, body).is_err(), "{media} {body}");
        }
    }

    #[test]
    fn bounds_hold() {
        let comments = Comments::new();
        for at in 0..(KEPT + 9) {
            comments.take(posted("", &format!("article=moulin&name={at}&text={}", "é".repeat(3000))).unwrap(), false);
        }
        let list = comments.list("moulin");
        assert_eq!((list.len(), list[0].name.as_str()), (KEPT, "9"));
        assert_eq!(list[0].text.chars().count(), 2000);
    }
}
