import PolluxConfiguration
import PolluxGateway
import PolluxLimits
import PolluxOpenAIWire
import PolluxTranslation

extension ClientIdentity {
    /// Whether a key may use a model and a project (AUTH-005), as far as its budget can tell what the model costs.
    func check(_ route: ModelRoute, shown: String, unpriced: Configuration.Usage.Unpriced) throws(APIError) {
        guard mayUse(model: route.target.model) || route.names.contains(where: mayUse) else {
            throw Gateway.modelNotFound(shown)
        }
        try check(project: route.target.project)
        guard unpriced == .refuse, route.price == nil, case .key(let key) = self, key.limits.countMoney else {
            return
        }
        throw APIError(
            status: 403, kind: .permission,
            message: "This key has a budget in dollars, and the price of the model '\(shown)' is not known.",
            param: "model", code: "model_price_unknown"
        )
    }

    /// Whether a key may use a model, by its bare id: a pattern may name Google as the publisher, `google/gemini-*`.
    func mayUse(model: String) -> Bool {
        guard case .key(let key) = self, let models = key.models else { return true }
        return models.contains { pattern in
            let publisher = pattern.hasPrefix("google/") ? "google/".utf8.count : 0
            let text = pattern.utf8Span.span
            return WildcardPattern.matches(text.extracting(publisher..<text.count), model.utf8Span.span)
        }
    }

    /// Whether a key may use a project; none is no project of anybody's.
    func check(project: String) throws(APIError) {
        guard case .key(let key) = self else { return }
        if let projects = key.projects, !project.isEmpty, !projects.contains(project) {
            throw APIError(
                status: 403, kind: .permission, message: "The project '\(project)' is not allowed for this key.",
                param: "project", code: "project_not_allowed"
            )
        }
    }
}
