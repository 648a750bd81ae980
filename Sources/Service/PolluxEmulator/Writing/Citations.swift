import PolluxJSON

/// Where a text was taken from, as far as it was.
struct Citations: Sendable {
    /// The cited part, in bytes of the answer's UTF-8.
    var bytes: Range<Int>

    static let uri = "https://example.com/pollux/citation"

    /// Writes the member `citationMetadata`. The services have different words for its list.
    func write(_ backend: Backend, into writer: inout JSONWriter) {
        writer.member("citationMetadata") {
            $0.object {
                $0.member(backend == .vertex ? "citations" : "citationSources") {
                    $0.array {
                        $0.object {
                            if bytes.lowerBound > 0 { $0.member("startIndex", bytes.lowerBound) }
                            $0.member("endIndex", bytes.upperBound)
                            $0.member("uri", Self.uri)
                            if backend == .vertex { $0.member("title", "A page that the emulator made up") }
                            $0.member("license", "mit")
                        }
                    }
                }
            }
        }
    }
}
