extension AdminRoute {
    /// The page: files that are built in, and tell nothing. What it shows it asks for, with the token.
    static let page: [AdminRoute] =
        [AdminRoute(.get, "/", access: .open) { _ in file("text/html", PackageResources.index_html) }]
        + [
            ("style.css", "text/css", PackageResources.style_css),
            ("api.js", "text/javascript", PackageResources.api_js),
            ("backends.js", "text/javascript", PackageResources.backends_js),
            ("chart.js", "text/javascript", PackageResources.chart_js),
            ("dom.js", "text/javascript", PackageResources.dom_js),
            ("events.js", "text/javascript", PackageResources.events_js),
            ("files.js", "text/javascript", PackageResources.files_js),
            ("live.js", "text/javascript", PackageResources.live_js),
            ("main.js", "text/javascript", PackageResources.main_js),
            ("playground.js", "text/javascript", PackageResources.playground_js),
            ("reply.js", "text/javascript", PackageResources.reply_js),
            ("requests.js", "text/javascript", PackageResources.requests_js),
            ("results.js", "text/javascript", PackageResources.results_js),
            ("sound.js", "text/javascript", PackageResources.sound_js),
            ("usage.js", "text/javascript", PackageResources.usage_js),
        ].map { name, type, bytes in
            AdminRoute(.get, "/page/\(name)", access: .open) { _ in file(type, bytes) }
        }

    private static func file(_ type: String, _ bytes: [UInt8]) -> AdminAnswer {
        AdminAnswer(contentType: "\(type); charset=utf-8", body: .bytes(bytes))
    }
}
