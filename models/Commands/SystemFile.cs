namespace GptGen.Models.Commands;

/// <summary>Files by which the system tells of itself.</summary>
internal static class SystemFile
{
    /// <summary>The lines of a file; none where there is no such file.</summary>
    internal static string[] Lines(string root, string path)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(root, path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
