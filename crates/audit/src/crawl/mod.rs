//! Which page comes next: what counts as the site, what its `robots.txt` asks for, what its sitemaps list, and in which
//! order links are followed. It fetches only those two kinds of files, through a browser it is given; pages, standings and
//! notices it does not know.

mod fetch;
mod frontier;
mod robots;
mod site;
mod sitemap;
mod survey;

pub use fetch::Fetch;
pub use frontier::{Frontier, Lead, Next, Scope};
pub use robots::Robots;
pub use site::{BadHost, Site};
pub use survey::{Survey, rules, survey};
