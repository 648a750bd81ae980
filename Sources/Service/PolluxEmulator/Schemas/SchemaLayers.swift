import PolluxJSON

/// Schemas that a value must fit all at once. Of a keyword that several have, the first one counts.
struct SchemaLayers {
    /// Layers that are looked at.
    static let maximumNodes = 32

    var nodes: [JSONNode] = []

    func value(_ name: StaticString, _ json: borrowing JSONDocument) -> JSONNode? {
        value(name, or: name, json)
    }

    func value(
        _ name: StaticString, or other: StaticString, _ json: borrowing JSONDocument
    ) -> JSONNode? {
        for node in nodes {
            if let value = json.value(name, or: other, of: node) { return value }
        }
        return nil
    }

    /// The same, where `null` is a value.
    func member(_ name: StaticString, _ json: borrowing JSONDocument) -> JSONNode? {
        for node in nodes {
            if let value = json.member(name, of: node) { return value }
        }
        return nil
    }

    /// The strings under `name`, of all layers.
    func names(_ name: StaticString, _ json: borrowing JSONDocument) -> [String] {
        var names: [String] = []
        for node in nodes {
            for value in json.each(json.value(name, of: node)) where json.isString(value) {
                names.append(json.string(value))
            }
        }
        return names
    }

    /// The properties of all layers, each name once, in their order: that of `propertyOrdering`, else as they
    /// are written, and last those that are required without being described.
    func properties(_ json: borrowing JSONDocument) -> [(name: String, node: JSONNode?)] {
        var properties: [(name: String, node: JSONNode?)] = []
        var known: Set<String> = []
        for node in nodes {
            guard let object = json.value("properties", of: node) else { continue }
            var members = json.members(object)
            while let member = members.next(in: json) {
                let name = json.string(member.key)
                if known.insert(name).inserted { properties.append((name, member.value)) }
            }
        }
        for name in names("required", json) where known.insert(name).inserted {
            properties.append((name, nil))
        }
        guard let order = value("propertyOrdering", or: "property_ordering", json) else { return properties }
        var ranks: [String: Int] = [:]
        for (rank, name) in json.each(order).enumerated() { ranks[json.string(name)] = rank }
        // Sorting moves names without a rank to the end and keeps their order.
        return properties.enumerated().sorted { first, second in
            let left = (ranks[first.element.name] ?? .max, first.offset)
            let right = (ranks[second.element.name] ?? .max, second.offset)
            return left < right
        }.map(\.element)
    }
}
