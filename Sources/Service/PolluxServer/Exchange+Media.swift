import NIOCore
import PolluxConfiguration
import PolluxGateway
import PolluxMedia
import PolluxObservation
import PolluxOpenAIWire
import PolluxTranslation
import PolluxTransport

/// Media that the upstream cannot fetch: the translation says what it needs, the gateway gets it, the
/// translation goes on.
extension Exchange {
    /// Gets what the calls still need: media, where the plan names some, then the credential.
    func prepareCalls() {
        let urls = plan.mediaToFetch
        if urls.isEmpty { acquireCredential() } else { fetchMedia(urls) }
    }

    private func fetchMedia(_ urls: Set<String>) {
        let media = gateway.configuration.media
        let fetcher = MediaFetcher(
            maximumBytes: media.maxFetchBytes, allowsPrivate: media.allowPrivate, tls: worker.pool.tls?.configuration)
        guard urls.count <= MediaFetcher.maximumCount else {
            return fail(
                .badRequest(
                    "The messages name \(urls.count) media to fetch: at most \(MediaFetcher.maximumCount) are.",
                    param: "messages", code: "invalid_image_url"))
        }
        let loop = worker.loop
        let owner = NIOLoopBound(self, eventLoop: loop)
        // A task of its own: it ends by its own limits, and its result is dropped when the client is gone.
        Task {
            let results = await fetcher.fetch(urls)
            loop.execute { owner.value.didFetch(results) }
        }
    }

    private func didFetch(_ results: [String: Result<MediaFetcher.Media, MediaFetcher.Failure>]) {
        guard phase != .done else { return }
        for (url, result) in results {
            switch result {
            case .success(let media):
                fetched[url] = FetchedMedia(
                    mimeType: MIMEType.ofFetched(media.contentType, url: url, content: media.content),
                    base64: Base64.encode(media.content.span)
                )
            case .failure(let failure):
                return fail(
                    .badRequest(
                        "Media could not be fetched from the provided URL: \(failure.message).", param: "messages",
                        code: "invalid_image_url"
                    )
                )
            }
        }
        do throws(APIError) {
            try retranslate()
            acquireCredential()
        } catch {
            fail(error)
        }
    }

    /// MM-006: the upstream could not fetch it, or says of one of the addresses what is wrong with it; we try once.
    func fetchInstead(_ error: APIError) -> Bool {
        guard error.status == 400, gateway.configuration.media.httpFallback, !retries.fetchedMedia else { return false }
        let urls = plan.fetchableMedia
        let isMeant = error.code == "invalid_image_url" || urls.contains { error.message.contains($0) }
        guard isMeant, !urls.isEmpty else { return false }
        retries.fetchedMedia = true
        record.retries += 1
        takeBackCalls()
        if phase == .calling { phase = .preparing }
        fetchMedia(urls)
        return true
    }
}

extension MIMEType {
    /// The header's type, unless it says nothing; then by ending, then by the first bytes (MM-040).
    static func ofFetched(_ contentType: String?, url: String, content: [UInt8]) -> String {
        let named = contentType.map(canonical) ?? ""
        if !named.isEmpty, named != "application/octet-stream", named != "text/plain", named != "binary/octet-stream" {
            return named
        }
        if let found = ofPath(url) ?? sniffed(Array(content.prefix(32))) { return found }
        return named.isEmpty ? "application/octet-stream" : named
    }
}
