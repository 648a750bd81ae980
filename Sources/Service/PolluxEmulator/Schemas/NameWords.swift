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
        var word = String.UnicodeScalarView()
        var previousIsLower = false
        for scalar in name.unicodeScalars {
            let isUpper = ("A"..."Z").contains(scalar)
            let isLower = ("a"..."z").contains(scalar)
            // Letters of other scripts are letters; which of them are large does not matter here.
            let isPart = isUpper || isLower || ("0"..."9").contains(scalar) || !scalar.isASCII
            if !isPart || isUpper && previousIsLower {
                if !word.isEmpty { words.append(String(word).lowercased()) }
                word = String.UnicodeScalarView()
            }
            if isPart { word.append(scalar) }
            previousIsLower = isLower
        }
        if !word.isEmpty { words.append(String(word).lowercased()) }
        return words
    }
}
