/// A command line cut into words as a shell would, without the rest of a shell: no variables, no patterns,
/// no pipes.
///
///     /opt/get "my file" 'a b'c \"    →    /opt/get · my file · a bc · "
///
/// - Returns: `nil` when a quote is not closed or the line ends in a backslash.
func shellWords(_ line: String) -> [String]? {
    var words: [String] = []
    var word = ""
    var isInWord = false
    var quote: Character?
    var characters = line.makeIterator()
    while let character = characters.next() {
        switch (character, quote) {
        case ("'", "'"?), ("\"", "\""?): quote = nil
        case ("\\", "\""?):
            guard let next = characters.next() else { return nil }
            if next != "\"", next != "\\" { word.append(character) }
            word.append(next)
        case (_, _?): word.append(character)
        case ("'", nil), ("\"", nil):
            quote = character
            isInWord = true
        case ("\\", nil):
            guard let next = characters.next() else { return nil }
            word.append(next)
            isInWord = true
        case (" ", nil), ("\t", nil), ("\n", nil):
            if isInWord { words.append(word) }
            word = ""
            isInWord = false
        default:
            word.append(character)
            isInWord = true
        }
    }
    guard quote == nil else { return nil }
    if isInWord { words.append(word) }
    return words
}
