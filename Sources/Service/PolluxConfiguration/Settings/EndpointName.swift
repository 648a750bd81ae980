/// The name of a Vertex AI endpoint: `1234`, or `projects/P/locations/L/endpoints/1234`.
struct EndpointName {
    let id: String
    /// Of the long form only.
    let project: String?
    /// Of the long form only.
    let location: String?

    /// Reads `endpoint_id`; a long form must agree with `project` and `location` beside it.
    init?(_ section: Section) {
        guard let text = section.text("endpoint_id") else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 1 {
            (id, project, location) = (text, nil, nil)
        } else {
            guard parts.count == 6, parts[0] == "projects", parts[2] == "locations", parts[4] == "endpoints",
                Pattern.project.matches(parts[1]), Pattern.location.matches(parts[3])
            else {
                section.error(
                    "endpoint_id", "expected ID or projects/PROJECT/locations/LOCATION/endpoints/ID")
                return nil
            }
            (id, project, location) = (parts[5], parts[1], parts[3])
        }
        guard Pattern.endpointID.matches(id) else {
            section.error("endpoint_id", "expected \(Pattern.endpointID.expectation)")
            return nil
        }
        if id == "openapi" { section.error("endpoint_id", "is Google's own; write kind vertex-openapi") }
        for (name, own) in [("project", project), ("location", location)] {
            guard let own, let beside = section.written(name)?.text, beside != own else { continue }
            section.error(name, "differs from the \(name) in endpoint_id")
        }
    }
}
