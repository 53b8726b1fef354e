using System.Runtime.CompilerServices;
using System.Text;
using DiffPlex.DiffBuilder;
using DiffPlex.DiffBuilder.Model;
using Xunit;

namespace GptGen.Generator.Tests.Verify;

/// <summary>
/// Snapshots with Verify's file names and call shape: a value is compared with "TestClass.Method.verified.cs" beside the test; on a
/// mismatch it is written to "TestClass.Method.received.cs". Accept by renaming that file, or all at once with GPTGEN_ACCEPT_SNAPSHOTS=1,
/// which is not heeded where CI is set.
/// </summary>
internal static class Verifier
{
    private const string AcceptVariable = "GPTGEN_ACCEPT_SNAPSHOTS";
    private const int MostLines = 40;

    /// <param name="value">The text to compare.</param>
    /// <param name="parameters">What tells the cases of a theory apart: appended to the file's name after an underscore.</param>
    /// <param name="sourceFile">The test's file, whose name is that of the test's class.</param>
    /// <param name="method">The test's method.</param>
    public static async Task Verify(
        string value, string parameters = "", [CallerFilePath] string sourceFile = "", [CallerMemberName] string method = "")
    {
        var name = $"{Path.GetFileNameWithoutExtension(sourceFile)}.{method}{(parameters.Length == 0 ? "" : "_" + parameters)}";
        var stem = Path.Combine(Path.GetDirectoryName(sourceFile)!, name);
        var accept = Environment.GetEnvironmentVariable(AcceptVariable) == "1" && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"));
        if (await Compare(value, stem, accept) is { } difference)
            Assert.Fail(difference);
    }

    /// <summary>Null when the value is the verified one or is accepted; otherwise what differs.</summary>
    internal static async Task<string?> Compare(string value, string stem, bool accept)
    {
        var (verifiedFile, receivedFile) = (stem + ".verified.cs", stem + ".received.cs");
        var verified = File.Exists(verifiedFile) ? (await File.ReadAllTextAsync(verifiedFile)).ReplaceLineEndings("\n") : null;
        if (value == verified || accept)
        {
            if (value != verified)
                await File.WriteAllTextAsync(verifiedFile, value);
            File.Delete(receivedFile);
            return null;
        }

        await File.WriteAllTextAsync(receivedFile, value);
        var remedy = $"Compare with {Path.GetFileName(receivedFile)}; to accept, rename it, or run with {AcceptVariable}=1.";
        return verified is null
            ? $"{Path.GetFileName(verifiedFile)} does not exist. {remedy}"
            : $"{Path.GetFileName(verifiedFile)} differs. {remedy}\n{Describe(verified, value)}";
    }

    private static string Describe(string verified, string received)
    {
        var changes = InlineDiffBuilder.Diff(verified, received).Lines.Where(line => line.Type != ChangeType.Unchanged).ToArray();
        var text = new StringBuilder();
        foreach (var line in changes.Take(MostLines))
            text.Append(line.Type == ChangeType.Deleted ? "- " : "+ ").Append(line.Text).Append('\n');
        if (changes.Length > MostLines)
            text.Append($"... and {changes.Length - MostLines} more lines\n");
        return text.ToString();
    }
}
