internal import PolluxJSON

/// What happened to a keyword, for whoever asked.
extension SchemaWalk {
    /// Notes about one schema; each costs a search for its place.
    private static let maximumNotes = 500

    /// Takes a note about the member whose key, or the element whose value, stands at `node`.
    mutating func note(
        _ fate: TranslationNote.Fate, _ node: JSONNode, _ detail: StaticString, rule: StaticString = "SCH-001"
    ) {
        guard notes.isOn, noted.count < Self.maximumNotes, noted.insert(node).inserted else { return }
        let path = path(to: node)
        notes.note(fate, path, rule: rule, String(describing: detail))
    }

    /// `tools[0].function.parameters.properties.a.pattern`
    ///
    /// The place is found by its bytes, from the top of the schema: nothing need be remembered on the way,
    /// and what a `$ref` brought is named where it was written.
    func path(to node: JSONNode) -> String {
        let place = json.range(node).lowerBound
        var path = self.path
        var container = root
        descent: while container != node {
            var elements = json.elements(container)
            var position = 0
            while let element = elements.next(in: json) {
                if json.outerRange(element).contains(place) || element == node {
                    path += "[\(position)]"
                    container = element
                    continue descent
                }
                position += 1
            }
            var members = json.members(container)
            while let member = members.next(in: json) {
                let isKey = member.key == node
                if isKey || json.outerRange(member.value).contains(place) || member.value == node {
                    if !path.isEmpty { path += "." }
                    path += json.string(member.key)
                    if isKey { return path }
                    container = member.value
                    continue descent
                }
            }
            return path
        }
        return path
    }
}
