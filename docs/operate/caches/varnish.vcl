# Varnish in front of Bandeau: each page is kept once for each variant of it. See docs/operate/caches.md.
vcl 4.1;
import std;

backend bandeau { .host = "127.0.0.1"; .port = "8080"; }

sub vcl_recv {
    # Nobody names a variant but Bandeau.
    if (req.restarts == 0) {
        unset req.http.Bandeau-Variant;
        unset req.http.X-Url;
    }
    if (req.restarts > 0 && req.http.X-Url) {
        # The second pass: the answer to the question is in Bandeau-Variant, or there is none.
        set req.url = req.http.X-Url;
        unset req.http.X-Url;
        if (!req.http.Bandeau-Variant) { return (pass); }
        return (hash);
    }
    if (req.method != "GET" && req.method != "HEAD") { return (pass); }
    if (req.http.Authorization || req.url ~ "^/\.well-known/bandeau/") { return (pass); }
    if (req.http.Sec-Fetch-Dest ~ "^(image|style|script|font|audio|video|track|manifest)$") {
        # Parts of a page are the same for all: your own rules, without Bandeau's question.
        return (pass);
    }
    # The first pass: ask which variant this visitor gets.
    set req.http.X-Url = req.url;
    set req.url = "/.well-known/bandeau/variant";
    return (pass);
}

sub vcl_hash {
    hash_data(req.http.Bandeau-Variant);
}

sub vcl_backend_response {
    if (bereq.http.X-Url || !bereq.http.Bandeau-Variant
        || beresp.http.Bandeau-Variant != bereq.http.Bandeau-Variant
        || beresp.http.Set-Cookie || beresp.http.CDN-Cache-Control !~ "max-age=[0-9]+") {
        # Not to be kept; remembered for a while, so that visitors do not wait for one another.
        set beresp.uncacheable = true;
        set beresp.ttl = 30s;
        return (deliver);
    }
    set beresp.ttl = std.duration(regsub(beresp.http.CDN-Cache-Control, ".*max-age=([0-9]+).*", "\1s"), 0s);
    set beresp.grace = 0s;
    # What the page varies on is in the key already; browsers are told again on delivery.
    set beresp.http.X-Vary = beresp.http.Vary;
    unset beresp.http.Vary;
    return (deliver);
}

sub vcl_deliver {
    if (req.http.X-Url && req.restarts == 0) {
        if (resp.status == 204 && resp.http.Bandeau-Variant) {
            set req.http.Bandeau-Variant = resp.http.Bandeau-Variant;
        }
        return (restart);
    }
    if (resp.http.X-Vary) {
        set resp.http.Vary = resp.http.X-Vary;
        unset resp.http.X-Vary;
    }
    unset resp.http.CDN-Cache-Control;
    unset resp.http.Bandeau-Variant;
    # A copy's age would only confuse browsers, which must ask again in any case.
    unset resp.http.Age;
}
