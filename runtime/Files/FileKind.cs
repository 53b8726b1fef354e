namespace GptGen.Files;

/// <summary>What a path leads to, links followed.</summary>
internal enum FileKind
{
    /// <summary>Nothing, or a link to nothing.</summary>
    Missing,

    /// <summary>Something that may not even be looked at: a folder on the way is closed to this user, or links form a loop.</summary>
    Unreachable,

    /// <summary>An ordinary file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A pipe, with a name or as standard input or output: it is read or written once, from beginning to end.</summary>
    Pipe,

    /// <summary>A device: a terminal, <c>/dev/null</c>, a disk.</summary>
    Device,

    /// <summary>A socket, or what this system has besides.</summary>
    Other,
}
