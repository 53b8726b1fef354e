using System.Text;
using GptGen.MiniLm;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

/// <summary>BERT's uncased vocabulary, where the tests' packages are restored.</summary>
internal static class MiniLM
{
    public static byte[] Vocabulary
    {
        get
        {
            Assert.SkipUnless(MiniLmPackage.IsThere, $"'{MiniLmPackage.Path}' is not there: restore the test's packages on this machine");
            return MiniLmPackage.Vocabulary;
        }
    }

    public static string Names => Encoding.UTF8.GetString(Vocabulary);
}
