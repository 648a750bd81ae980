import NIOCore
import PolluxConfiguration
import PolluxGateway
import PolluxJSON
import PolluxOpenAIWire
import PolluxTranslation
import PolluxTransport

/// The upstream's list while it is asked for, page by page.
struct ModelListing {
    /// Path and query of the page that comes next.
    var target: String
    var ids: [String] = []
    var pages = 0
    let base: ChatBase
    /// The one model that the client asked for; `nil` for the list.
    let name: String?
    let key: ModelListCache.Key

    /// Pages that are read of one list; a longer list ends here.
    static let maximumPages = 20
}

/// The model list and single models (EP-006, MOD-006).
extension Exchange {
    /// - Parameter name: one model; `nil` means the list.
    func startModels(_ base: ChatBase, named name: String?) {
        do throws(APIError) {
            if case .vertex(_, let project, _) = base, !gateway.configuration.routing.override {
                try identity.check(project: project)
            }
            guard let route = try gateway.listing(base) else { return answerModels([], base, name) }
            try identity.check(project: route.target.project)
            self.route = route
            let key = ModelListCache.Key(backend: route.backend.name, tenant: tenant(route))
            if let known = gateway.lists.fresh(key, now: worker.clock.now) { return answerModels(known, base, name) }
            listing = ModelListing(target: route.path, base: base, name: name, key: key)
            calls = [Call()]
            acquireCredential()
        } catch {
            fail(error)
        }
    }

    /// The project that a list is asked for on Vertex AI, whose path names none.
    var listingProject: String? {
        guard listing != nil, let target = route?.target, target.service == .vertex, !target.project.isEmpty else {
            return nil
        }
        return target.project
    }

    /// One page is there.
    func finishModelPage() {
        guard let backend = route?.backend, var listing else { return fail(.internalError) }
        let answer = calls[0].answer ?? ByteBuffer()
        var read: UpstreamModels?
        let failure = readAnswer(answer.readableBytesUInt8Span) { json in
            read =
                backend.kind == .openAI ? UpstreamModels(ofServer: json) : UpstreamModels(json, from: backend.service)
            return nil
        }
        if let failure { return didReceive(failure, 0) }
        guard let page = read else { return didReceive(Self.invalidAnswer, 0) }
        listing.ids += page.ids
        listing.pages += 1
        self.listing = listing
        if let token = page.nextPageToken, listing.pages < ModelListing.maximumPages {
            listing.target = UpstreamModels.target(backend.service, pageToken: token)
            self.listing = listing
            return send(0)
        }
        gateway.lists.keep(listing.ids, for: listing.key, now: worker.clock.now)
        answerModels(listing.ids, listing.base, listing.name)
    }

    /// A server without a list has answered all the same: what the operator names is served (09 § 7).
    func hasNoList(_ head: UpstreamResponseHead) -> Bool {
        guard let listing, route?.backend.kind == .openAI, head.status == 404 || head.status == 405 else {
            return false
        }
        gateway.lists.keep([], for: listing.key, now: worker.clock.now)
        answerModels([], listing.base, listing.name)
        return true
    }

    /// An older list instead of an error, where there is one (MOD-006).
    func answerFromOldList() -> Bool {
        guard let listing, !worker.isDraining,
            let ids = gateway.lists.stale(listing.key, now: worker.clock.now)
        else { return false }
        self.listing = nil
        answerModels(ids, listing.base, listing.name)
        return true
    }

    private func answerModels(_ discovered: [String], _ base: ChatBase, _ name: String?) {
        listing = nil
        let models = gateway.models(base, discovered: discovered).filter { $0.names.contains(where: identity.mayUse) }
        var writer = JSONWriter()
        if let name {
            guard let found = gateway.find(name, in: models), found.names.contains(where: identity.mayUse) else {
                return fail(Gateway.modelNotFound(name))
            }
            found.model.write(into: &writer)
        } else {
            Model.write(models.map(\.model), into: &writer)
        }
        respond(200, json: String(copying: writer.output.span))
    }
}
