import PolluxJSON

/// Addresses in a prompt that the service read for the model. The emulator reads none of them.
enum URLContext {
    /// Addresses that are told.
    static let maximumURLs = 20

    static func urls(in text: String) -> [String] {
        text.split(whereSeparator: \.isWhitespace)
            .filter { $0.hasPrefix("https://") || $0.hasPrefix("http://") }
            .prefix(maximumURLs).map(String.init)
    }

    /// Writes the member `urlContextMetadata`.
    static func write(_ urls: [String], into writer: inout JSONWriter) {
        writer.member("urlContextMetadata") {
            $0.object {
                $0.member("urlMetadata") {
                    $0.array {
                        for url in urls {
                            $0.object {
                                $0.member("retrievedUrl", url)
                                $0.member("urlRetrievalStatus", "URL_RETRIEVAL_STATUS_SUCCESS")
                            }
                        }
                    }
                }
            }
        }
    }
}
