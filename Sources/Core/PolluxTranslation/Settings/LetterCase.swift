internal import PolluxJSON

/// `maxOutputTokens` → `max_output_tokens`
func snakeCase(_ name: String) -> String {
    var result: [UInt8] = []
    for byte in name.utf8 {
        if byte >= 0x41 && byte <= 0x5A {
            if !result.isEmpty { result.append(UInt8(ascii: "_")) }
            result.append(byte | 0x20)
        } else {
            result.append(byte)
        }
    }
    return String(decoding: result, as: UTF8.self)
}

/// `max_output_tokens` → `maxOutputTokens`
func camelCase(_ name: String) -> String {
    var result: [UInt8] = []
    var raises = false
    for byte in name.utf8 {
        if byte == UInt8(ascii: "_"), !result.isEmpty {
            raises = true
        } else {
            result.append(raises && byte >= 0x61 && byte <= 0x7A ? byte & 0xDF : byte)
            raises = false
        }
    }
    return String(decoding: result, as: UTF8.self)
}

/// Members whose content belongs to the user and keeps its spelling.
private let userData: Set<String> = [
    "parameters", "parametersJsonSchema", "responseJsonSchema", "schema", "properties", "labels", "args", "response",
]

/// Members of which the service takes only one.
private let rivals = [
    "thinkingBudget": "thinkingLevel", "thinkingLevel": "thinkingBudget",
    "responseSchema": "responseJsonSchema", "responseJsonSchema": "responseSchema",
    "voiceConfig": "multiSpeakerVoiceConfig", "multiSpeakerVoiceConfig": "voiceConfig",
]

/// The members of one of Google's objects by their `camelCase` names, in order; `null` counts as absent.
///
/// Google's parser refuses a name that stands there twice. Of several, in whatever spelling, the last value is meant.
func camelCasedMembers(_ node: JSONNode, of json: borrowing JSONDocument) -> [(name: String, value: JSONNode)] {
    membersOnce(node, of: json, spelled: camelCase)
}

/// The same by the names that `spelled` makes of theirs.
func membersOnce(
    _ node: JSONNode, of json: borrowing JSONDocument, spelled: (String) -> String
) -> [(name: String, value: JSONNode)] {
    var result: [(name: String, value: JSONNode)] = []
    var places: [String: Int] = [:]
    var members = json.members(node)
    while let member = members.next(in: json) {
        if json.isNull(member.value) { continue }
        let name = spelled(json.string(member.key))
        if let place = places[name] {
            result[place].value = member.value
        } else {
            places[name] = result.count
            result.append((name, member.value))
        }
    }
    return result
}

extension JSONWriter {
    /// Copies a value of Google's with its names in `camelCase`, as we send them (GEN-007).
    mutating func copyCamelCased(_ node: JSONNode, of json: borrowing JSONDocument) {
        if json.isObject(node) {
            beginObject()
            memberwiseCamelCased(node, of: json, except: [])
            endObject()
        } else if json.isArray(node) {
            beginArray()
            var elements = json.elements(node)
            while let element = elements.next(in: json) { copyCamelCased(element, of: json) }
            endArray()
        } else {
            copy(node, of: json)
        }
    }

    /// Copies the members of an object into the open object.
    mutating func memberwiseCamelCased(
        _ node: JSONNode, of json: borrowing JSONDocument, except excluded: Set<String>
    ) {
        copy(camelCasedMembers(node, of: json), of: json, except: excluded)
    }

    private mutating func copy(
        _ members: [(name: String, value: JSONNode)], of json: borrowing JSONDocument, except excluded: Set<String>
    ) {
        for (name, value) in members where !excluded.contains(name) {
            key(text: name)
            if userData.contains(name) {
                copyOnce(value, of: json)
            } else {
                copyCamelCased(value, of: json)
            }
        }
    }

    /// Copies a value of Google's with its names in `snake_case` and sorted, as clients read them
    /// (GEN-004, GEN-007).
    mutating func copySnakeCased(_ node: JSONNode, of json: borrowing JSONDocument) {
        if json.isObject(node) {
            beginObject()
            for (name, value) in sortedMembers(node, of: json) {
                key(text: name)
                if userData.contains(camelCase(name)) {
                    copy(value, of: json)
                } else {
                    copySnakeCased(value, of: json)
                }
            }
            endObject()
        } else if json.isArray(node) {
            beginArray()
            var elements = json.elements(node)
            while let element = elements.next(in: json) { copySnakeCased(element, of: json) }
            endArray()
        } else {
            copy(node, of: json)
        }
    }

    private func sortedMembers(_ node: JSONNode, of json: borrowing JSONDocument) -> [(String, JSONNode)] {
        var result: [(String, JSONNode)] = []
        var members = json.members(node)
        while let member = members.next(in: json) { result.append((snakeCase(json.string(member.key)), member.value)) }
        return result.sorted { $0.0.unicodeScalars.lexicographicallyPrecedes($1.0.unicodeScalars) }
    }

    /// Writes `mine` united with `other`, member by member and in depth; `mine` wins (XB-008, XB-009).
    ///
    /// `other`'s names become `camelCase`. It also loses what says the same as a member of `mine` in another way.
    ///
    /// - Parameter excluded: names that are left out of `other`, at every depth.
    mutating func merge(
        _ mine: JSONNode, of json: borrowing JSONDocument, with other: JSONNode, of otherJSON: borrowing JSONDocument,
        except excluded: Set<String> = []
    ) {
        guard json.isObject(mine), otherJSON.isObject(other) else { return copy(mine, of: json) }
        beginObject()
        let others = camelCasedMembers(other, of: otherJSON)
        let counterparts = Dictionary(others.lazy.map { ($0.name, $0.value) }) { _, last in last }
        var names = excluded
        var members = json.members(mine)
        while let member = members.next(in: json) {
            let name = json.string(member.key)
            names.insert(name)
            if let rival = rivals[name] { names.insert(rival) }
            key(text: name)
            if let counterpart = counterparts[name], !userData.contains(name) {
                merge(member.value, of: json, with: counterpart, of: otherJSON, except: excluded)
            } else {
                copy(member.value, of: json)
            }
        }
        copy(others, of: otherJSON, except: names)
        endObject()
    }
}
