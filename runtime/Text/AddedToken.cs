namespace GptGen.Text;

/// <summary>A token that is found in a text by its name, before the text is cut into pieces.</summary>
/// <param name="Content">The name.</param>
/// <param name="Number">The token.</param>
/// <param name="IsSpecial">Whether it is a mark: in a text that is not a prompt its name is ordinary text.</param>
/// <param name="TakesSpaceBefore">Whether white space before the name belongs to it.</param>
/// <param name="TakesSpaceAfter">Whether white space behind the name belongs to it.</param>
/// <param name="IsFirst">Whether it is looked for before those that are not: where names overlap, it is found.</param>
internal sealed record AddedToken(
    string Content, int Number, bool IsSpecial = true, bool TakesSpaceBefore = false, bool TakesSpaceAfter = false, bool IsFirst = true);
