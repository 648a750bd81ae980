extension Configuration {
    /// What no section can know alone: names that refer to each other, and doors left open.
    func check(_ root: Section) {
        checkNames(root)
        checkReferences(root)
        checkAuth(root)
        checkListeners(root)
    }

    // MARK: - Names

    private func checkNames(_ root: Section) {
        let keys = root.section("auth").elements("keys")
        checkUnique(root.elements("backends"), "name", "two backends have this name")
        checkUnique(
            root.elements("backends") + root.elements("pools"), "name", "a backend or another pool has this name",
            from: root.elements("backends").count
        )
        checkUnique(keys, "name", "two keys have this name")
        checkUnique(keys, "sha256", "two keys have this digest, so nobody could say whose limits hold")
        checkUnique(root.section("models").elements("profiles"), "match", "two profiles have this pattern")
    }

    /// Case does not count: neither in digests and patterns, nor should names differ only by it.
    ///
    /// - Parameter first: the first section that is reported.
    private func checkUnique(_ sections: [Section], _ name: String, _ message: String, from first: Int = 0) {
        var seen: Set<String> = []
        for (index, section) in sections.enumerated() where section.has(name) {
            guard let text = section.written(name)?.text else { continue }
            if !seen.insert(text.lowercased()).inserted, index >= first { section.error(name, message) }
        }
    }

    // MARK: - References

    private func checkReferences(_ root: Section) {
        // As written: a backend with another mistake still has its name.
        let sections = root.elements("backends")
        let backendNames = sections.compactMap { $0.written("name")?.text }
        checkPools(root, backendNames)
        let names = backendNames + root.elements("pools").compactMap { $0.written("name")?.text }
        let routing = root.section("routing")
        if routing.has("default_backend") { checkReference(routing, "default_backend", among: names) }
        checkAliases(root.section("models"), names)
    }

    private func checkAliases(_ models: Section, _ names: [String]) {
        for (name, alias) in models.entries("aliases") {
            if !Pattern.aliasName.matches(name) {
                models.error("aliases", "'\(name)' is not \(Pattern.aliasName.expectation)")
            }
            guard alias.has("backend") else { continue }
            checkReference(alias, "backend", among: names)
            guard !alias.has("model"), let name = alias.written("backend")?.text else { continue }
            if let kind = members(of: name).map(\.kind).first(where: { !$0.needsEndpointID }) {
                alias.missing("model", "kind \(kind.rawValue) serves many models")
            }
        }
    }

    private func checkReference(_ section: Section, _ name: String, among names: [String]) {
        guard let text = section.written(name)?.text, !names.contains(text) else { return }
        let near = EditDistance.nearest(to: text, among: names).map { "; did you mean '\($0)'?" } ?? ""
        section.error(name, "no backend has this name\(near)")
    }

    /// Members are backends. A client's own credential opens only one kind of them.
    private func checkPools(_ root: Section, _ names: [String]) {
        for section in root.elements("pools") {
            for member in section.elements("members") { checkReference(member, "name", among: names) }
            guard let name = section.written("name")?.text else { continue }
            let backends = members(of: name)
            let places = backends.reduce(0) { $0 + max(1, $1.locations.count) }
            if places > Share.maximumPlaces {
                section.error("members", "have \(places) locations in all; at most \(Share.maximumPlaces) are asked")
            }
            let services = Set(backends.map { $0.kind.isVertex ? .vertex : $0.kind })
            if auth.mode == .passthrough, services.count > 1 {
                section.error(
                    "members", "auth.mode is passthrough, and one client's credential would go to different services")
            }
        }
    }

    // MARK: - Doors

    private func checkAuth(_ root: Section) {
        let section = root.section("auth")
        switch auth.mode {
        case .none:
            let message = "mode none lets everybody in who reaches \(listen.address)"
            if !listen.isLoopback, !auth.allowAnonymous {
                section.error(
                    "mode",
                    "\(message); bind to 127.0.0.1 or set auth.allow_anonymous"
                )
            } else {
                section.warn("mode", message)
            }
        case .gateway where section.isEmpty("keys") && store.path == nil:
            if section.written("mode")?.text == Auth.Mode.gateway.rawValue {
                section.missing("keys", "mode gateway lets nobody in without keys, here or in a store")
            } else if !section.has("mode") {
                section.warn("keys", "no keys: mode gateway, the default here, lets nobody in")
            }
        default:
            break
        }
        if auth.mode != .gateway, !section.isEmpty("keys") {
            section.warn("keys", "have no effect in mode \(auth.mode.rawValue)")
        }
        if let url = upstream.baseURL, url.scheme == .http, !url.isLoopback {
            root.section("upstream").warn(
                "base_url", "Google credentials travel over http, readable on the way")
        }
    }

    private func checkListeners(_ root: Section) {
        guard let listener = admin.listener else { return }
        let section = root.section("admin")
        if listener == listen, listener.port != 0 { section.error("port", "is the port for clients, too") }
        if admin.allowAnonymous {
            let message = "lets everybody in who reaches \(listener.address)"
            if listener.isLoopback {
                section.warn("allow_anonymous", message)
            } else {
                section.error("allow_anonymous", "\(message); bind to 127.0.0.1 or set admin.token")
            }
        } else if admin.token == nil {
            section.warn("token", "no token: the admin listener answers nobody but /healthz")
        }
    }
}
