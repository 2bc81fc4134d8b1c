//! Trial.
use crate::stage::*;
use bandeau_audit::banner::*;
use std::time::Duration;

#[tokio::test]
async fn trial() {
    let Some(stage) = Stage::open().await else { return };
    for address in std::env::var("TRIAL").unwrap_or_default().split_whitespace() {
        println!("=== {address}");
        let hand = stage.tab(address).await;
        let Some(mut banner) = hand.find(Duration::from_secs(4)).await.unwrap() else {
            println!("NONE");
            continue;
        };
        let layer = banner.layers[0].clone();
        println!(
            "tool {:?} how {:?} shadow {} wall {} lang {:?} after {} accept {:?} refuse {:?} rect {:?}",
            banner.tool,
            banner.how,
            banner.shadow,
            banner.wall,
            banner.language,
            banner.after,
            banner.accept,
            banner.refuse,
            layer.rect
        );
        println!("{}", banner.text.chars().take(150).collect::<String>());
        let show = |layer: &bandeau_audit::seen::Layer| {
            for c in &layer.controls {
                println!(
                    "   {:?} {:?} <{}> {}x{} font {} {} {}/{} c{} r{} on {:?} en {}",
                    c.role,
                    c.text,
                    c.element,
                    c.rect.width,
                    c.rect.height,
                    c.font,
                    c.weight,
                    c.colour,
                    c.background,
                    c.contrast,
                    c.relief,
                    c.on,
                    c.enabled
                )
            }
        };
        show(&layer);
        hand.explore(&mut banner).await.unwrap();
        for layer in &banner.layers[1..] {
            println!(" layer {}", layer.clicks);
            show(layer);
        }
        println!(" after explore accept {:?} refuse {:?}", banner.accept, banner.refuse);
        let mut steps = Vec::new();
        let hand = stage.tab(address).await;
        println!("REFUSE {:?}", hand.choose(Wish::Refuse, &mut steps).await.unwrap());
        for s in &steps {
            println!("   {} {:?} {:?}", s.at, s.role, s.text)
        }
        println!("   cookies {}", value(&hand, "document.cookie + ' ' + JSON.stringify(localStorage)").await);
        value(&hand, "document.cookie.split('; ').forEach(c => document.cookie = c.split('=')[0] + '=; max-age=0; path=/'); localStorage.clear()").await;
        hand.page.call("Network.clearBrowserCookies", &serde_json::json!({})).await.unwrap();
        let mut steps = Vec::new();
        let hand = stage.tab(address).await;
        println!("ACCEPT {:?}", hand.choose(Wish::Accept, &mut steps).await.unwrap());
        for s in &steps {
            println!("   {} {:?} {:?}", s.at, s.role, s.text)
        }
        println!("   cookies {}", value(&hand, "document.cookie + ' ' + JSON.stringify(localStorage)").await);
        let mut steps = Vec::new();
        println!("CHANGE {:?}", hand.change(&mut steps).await.unwrap());
        for s in &steps {
            println!("   {} {:?} {:?}", s.at, s.role, s.text)
        }
        println!("   cookies {}", value(&hand, "document.cookie + ' ' + JSON.stringify(localStorage)").await);
    }
}
