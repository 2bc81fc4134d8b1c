//! What is demanded of an audit, whatever its pages did.

use crate::Arguments;
use crate::pages::Page;
use crate::run::{Blow, Ended, Plan, run};
use crate::site::Log;
use serde_json::Value;

/// Does one audit, prints a line for each page, and says what was wrong.
pub(crate) async fn check(plan: &Plan, arguments: &Arguments, log: &Log) -> Vec<String> {
    log.lock().unwrap().clear();
    let ended = run(plan, arguments, log).await;
    let mut faults = whole(plan, arguments, &ended);
    match &ended.audit {
        Some(audit) if !plan.dead => {
            faults.extend(pages(plan, audit));
            faults.extend(kept(plan, audit));
        }
        None if plan.dead => {}
        Some(_) => faults.push("a report of a site that cannot be reached".to_owned()),
        None => faults.push(format!("no report in {}", ended.out.display())),
    }
    print(plan, &ended);
    if !faults.is_empty() {
        faults.push(format!("it said: {}", ended.said.trim()));
    }
    faults
}

/// Time, memory, and what was left behind.
fn whole(plan: &Plan, arguments: &Arguments, ended: &Ended) -> Vec<String> {
    let mut faults = Vec::new();
    match ended.status.map(|status| status.code()) {
        None => faults.push(format!("it did not end within {:?}", ended.limit)),
        Some(Some(2)) if plan.dead => {}
        // 0 and 1: a report, without and with findings.
        Some(Some(0 | 1)) if !plan.dead => {}
        Some(other) => faults.push(format!("it ended with {other:?}")),
    }
    let own = ended.look.own / 1024;
    if own > arguments.memory {
        faults.push(format!("it took {own} MB"));
    }
    faults.extend(ended.left.iter().map(|left| format!("it left {left}")));
    faults
}

/// Every page is named as what it was, and the good ones are seen right.
fn pages(plan: &Plan, audit: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for run in audit["runs"].as_array().unwrap() {
        let visits = run["visits"].as_array().unwrap();
        for (url, page) in &plan.pages {
            match visits.iter().find(|visit| visit["url"] == **url) {
                None => faults.push(format!("{} was not visited in {}", page.name, run["standing"])),
                Some(visit) => faults.extend(misnamed(page, visit, plan.blow)),
            }
        }
        let Some(last) = &plan.last else { continue };
        match visits.iter().position(|visit| visit["url"] == **last) {
            None if run["reached"] == false => {}
            None => faults.push(format!("the good page was not visited in {}", run["standing"])),
            Some(at) => faults.extend(good(run, at)),
        }
    }
    if audit["runs"].as_array().unwrap().is_empty() {
        faults.push("no run in the report".to_owned());
    }
    faults
}

fn misnamed(page: &Page, visit: &Value, blow: Blow) -> Option<String> {
    let end = end(visit);
    let right = match blow {
        Blow::Renderer | Blow::Browser => end == "broken",
        Blow::Interrupt => end == "interrupted",
        Blow::None => page.ends.contains(&end.as_str()),
    };
    (!right).then(|| format!("{} is called {}, not {:?}", page.name, visit["end"], page.ends))
}

fn good(run: &Value, at: usize) -> Vec<String> {
    let mut faults = Vec::new();
    let (visit, standing) = (&run["visits"][at], &run["standing"]);
    if end(visit) != "complete" || visit["title"] != "Good" {
        faults.push(format!(
            "the good page after it is {} with the title {} in {standing}",
            visit["end"], visit["title"]
        ));
    }
    let own = |request: &&Value| request["visit"] == at;
    let pixels = run["requests"].as_array().unwrap().iter().filter(own);
    let pixels = pixels.filter(|request| request["url"].as_str().unwrap().contains("/pixel?good")).count();
    if pixels != 1 {
        faults.push(format!(
            "the good page after it made one request for its picture, and {pixels} were seen in {standing}"
        ));
    }
    let named = |cookie: &Value| cookie["name"] == "good";
    if !run["cookies"].as_array().unwrap().iter().any(named) {
        faults.push(format!("the cookie of the good pages was not seen in {standing}"));
    }
    faults
}

/// What is kept of a page is bounded, whatever it made.
fn kept(plan: &Plan, audit: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let most = audit["limits"]["requests"].as_u64().unwrap_or(0);
    for run in audit["runs"].as_array().unwrap() {
        let requests = run["requests"].as_array().unwrap();
        for (at, visit) in run["visits"].as_array().unwrap().iter().enumerate() {
            let own = requests.iter().filter(|request| request["visit"] == at).count() as u64;
            if own > most {
                faults.push(format!("{} requests of {} are kept, of {most} at most", own, visit["url"]));
            }
            let name = plan.pages.iter().find(|(url, _)| visit["url"] == **url).map(|(_, page)| page.name);
            if name == Some("requests")
                && own + visit["more"].as_u64().unwrap_or(0) < 10_000
                && end(visit) == "complete"
            {
                faults.push(format!("of 10,000 requests {own} are kept and {} are counted", visit["more"]));
            }
        }
        for text in ["title", "landed", "language"] {
            let long = |visit: &&Value| visit[text].as_str().unwrap_or_default().chars().count() > 4096;
            let long = run["visits"].as_array().unwrap().iter().filter(long).count();
            if long > 0 {
                faults.push(format!("{long} visits have a {text} of more than 4,096 characters"));
            }
        }
    }
    faults
}

/// The name of an end, whether it has a reason or not.
fn end(visit: &Value) -> String {
    let end = &visit["end"];
    let named = || end.as_object().and_then(|end| end.keys().next()).cloned();
    end.as_str().map(str::to_owned).or_else(named).unwrap_or_default()
}

fn print(plan: &Plan, ended: &Ended) {
    let none = Vec::new();
    for run in ended.audit.iter().flat_map(|audit| audit["runs"].as_array().unwrap_or(&none)) {
        let visits = run["visits"].as_array().unwrap();
        let requests = run["requests"].as_array().unwrap();
        for (at, visit) in visits.iter().enumerate() {
            let next = visits.get(at + 1).and_then(|next| next["at"].as_u64());
            let took = next.map(|next| next.saturating_sub(visit["at"].as_u64().unwrap_or(0)));
            let took = took.map_or("-".to_owned(), |took| format!("{:.1}", took as f64 / 1000.0));
            let own = requests.iter().filter(|request| request["visit"] == at).count();
            let more = visit["more"].as_u64().unwrap_or(0);
            let shown = visit["url"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default();
            let shown: String = shown.chars().take(16).collect();
            let why = visit["end"].as_object().and_then(|end| end.values().next()).and_then(Value::as_str);
            let why: String = format!("{} {}", end(visit), why.unwrap_or_default()).chars().take(30).collect();
            println!("{shown:<16} {why:<30} {took:>8} {:>9}", own as u64 + more);
        }
    }
    println!(
        "{:<16} {:<30} {:>8.1} {:>9} {:>11} {:>12}",
        format!("= {}", plan.name),
        ended.status.map_or("killed".to_owned(), |status| format!("{status}, at most {} s", ended.limit.as_secs())),
        ended.took.as_secs_f64(),
        "",
        ended.look.own / 1024,
        ended.look.others / 1024
    );
}
