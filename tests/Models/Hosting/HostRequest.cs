namespace GptGen.Models.Tests.Hosting;

/// <summary>A run of the program that a host is asked for.</summary>
/// <param name="OutputPath">The file that its output goes to.</param>
/// <param name="ErrorPath">The file that its errors go to.</param>
/// <param name="Arguments">The program's arguments.</param>
internal sealed record HostRequest(string OutputPath, string ErrorPath, string[] Arguments)
{
    /// <summary>The request as one line, whatever its words hold.</summary>
    public string Line => string.Join(' ', ((string[])[OutputPath, ErrorPath, .. Arguments]).Select(Uri.EscapeDataString));

    public static HostRequest Parse(string line)
    {
        var words = line.Split(' ').Select(Uri.UnescapeDataString).ToArray();
        return new(words[0], words[1], words[2..]);
    }
}
