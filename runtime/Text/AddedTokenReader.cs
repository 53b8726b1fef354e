namespace GptGen.Text;

/// <summary>Reads an added token as Hugging Face's files write it.</summary>
internal static class AddedTokenReader
{
    /// <summary>The token of an object with <c>content</c> and what belongs to it.</summary>
    /// <param name="entry">The object; its number, where it holds one, has been taken.</param>
    /// <param name="number">The token's number.</param>
    /// <exception cref="GptGenException">A key is wrong, unknown, or not done here.</exception>
    internal static AddedToken Read(JsonKeys entry, int number)
    {
        var content = entry.TakeText("content") ?? throw entry.Wrong("content", "is missing");
        if (entry.TakeFlag("single_word") == true)
            throw entry.Unsupported("single_word", "true");
        var isSpecial = entry.TakeFlag("special") ?? false;
        var (takesBefore, takesAfter) = (entry.TakeFlag("lstrip") ?? false, entry.TakeFlag("rstrip") ?? false);
        var token = new AddedToken(content, number, isSpecial, takesBefore, takesAfter, IsFirst: !(entry.TakeFlag("normalized") ?? !isSpecial));
        entry.Ignore("__type");
        entry.End();
        return token;
    }
}
