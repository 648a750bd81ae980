import PolluxJSON

/// What the filters thought of a text. They did not read it.
enum SafetyRatings {
    private static let categories = [
        "HARM_CATEGORY_DANGEROUS_CONTENT", "HARM_CATEGORY_HARASSMENT", "HARM_CATEGORY_HATE_SPEECH",
        "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    ]

    /// Writes the member `safetyRatings`; the first category is the one that blocks.
    static func write(blocked: Bool, _ backend: Backend, into writer: inout JSONWriter) {
        writer.member("safetyRatings") {
            $0.array {
                for (index, category) in categories.enumerated() {
                    let blocks = blocked && index == 0
                    $0.object {
                        $0.member("category", category)
                        $0.member("probability", blocks ? "HIGH" : "NEGLIGIBLE")
                        if backend == .vertex {
                            $0.member("probabilityScore", blocks ? 0.95 : 0.05)
                            $0.member("severity", blocks ? "HARM_SEVERITY_HIGH" : "HARM_SEVERITY_NEGLIGIBLE")
                            $0.member("severityScore", blocks ? 0.9 : 0.05)
                        }
                        if blocks { $0.member("blocked", true) }
                    }
                }
            }
        }
    }
}
