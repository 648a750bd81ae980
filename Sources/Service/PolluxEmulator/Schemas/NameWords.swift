/// The words a name is made of.
enum NameWords {
    /// Words of properties whose value is a place.
    static let places: Set<String> = [
        "city", "location", "place", "town", "address", "destination", "origin", "country", "region",
        "departure",
    ]

    /// `get_weather`, `getWeather` and `get-weather` are all `get`, `weather`.
    static func of(_ name: String) -> [String] {
        var words: [String] = []
        var word = ""
        var previousIsLower = false
        for character in name {
            let isPart = character.isLetter || character.isNumber
            if !isPart || character.isUppercase && previousIsLower {
                if !word.isEmpty { words.append(word.lowercased()) }
                word = ""
            }
            if isPart { word.append(character) }
            previousIsLower = character.isLowercase
        }
        if !word.isEmpty { words.append(word.lowercased()) }
        return words
    }
}
