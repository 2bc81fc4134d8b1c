//! Pages that mean no good: the walk goes on, and says what they did.

use crate::browser;
use crate::plan::{pages, plan, run, walk};
use crate::server::{Reply, Server};
use bandeau_audit::seen::{End, Standing};
use bandeau_audit::visit::Stop;

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_hang_break_or_lead_nowhere_cost_their_time_and_no_more() {
    if !browser().await {
        return;
    }
    let server = Server::start(|asked, _| match asked.path.as_str() {
        "/" => {
            let links = ["/never", "/loop", "/crash", "/round", "/file", "/talk", "/end"];
            Reply::html(links.map(|link| format!("<a href={link}>x</a>")).concat())
        }
        "/never" => Reply::Silence,
        "/loop" => Reply::html("<title>Loop</title><script>onload = () => { for (;;); }</script>"),
        "/crash" => Reply::html(
            "<title>Crash</title><script>const a = []; for (;;) a.push(new Array(1e6).fill(a.length));</script>",
        ),
        path if path.starts_with("/round") => {
            let turn: u32 = path.strip_prefix("/round?").and_then(|turn| turn.parse().ok()).unwrap_or(0);
            Reply::to(&format!("/round?{}", turn + 1))
        }
        "/file" => {
            Reply::Full(200, vec![("Content-Disposition", "attachment; filename=x.bin".to_owned())], vec![0; 100])
        }
        "/talk" => Reply::html(
            "<title>Talk</title><script>alert(1); confirm(2); prompt(3); onbeforeunload = () => 'stay'</script>",
        ),
        "/end" => Reply::html("<title>The end</title>"),
        _ => Reply::missing(),
    })
    .await;
    let start = format!("http://hostile.localhost:{}/", server.port);
    let mut plan = plan(&start, &[Standing::Before]);
    plan.limits.patience = 8_000;
    let (audit, _) = walk(plan, Stop::default()).await;
    let audit = audit.unwrap();
    let before = run(&audit, Standing::Before);
    assert_eq!(pages(before), ["/", "/never", "/loop", "/crash", "/round", "/file", "/talk", "/end"]);
    let end = |path: &str| &before.visits.iter().find(|visit| visit.url.ends_with(path)).unwrap().end;
    assert_eq!(*end("/never"), End::Slow);
    assert!(matches!(end("/loop"), End::Broken(_)), "{:?}", end("/loop"));
    assert!(matches!(end("/crash"), End::Broken(_) | End::Slow), "{:?}", end("/crash"));
    assert!(matches!(end("/round"), End::Failed(why) if why.contains("REDIRECTS")), "{:?}", end("/round"));
    assert_eq!(*end("/file"), End::Download);
    assert_eq!(*end("/talk"), End::Complete);
    assert_eq!(*end("/end"), End::Complete);
    assert_eq!(before.visits.last().unwrap().title, "The end");
    assert!(before.fault.is_none(), "{:?}", before.fault);
}
