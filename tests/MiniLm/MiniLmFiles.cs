using GptGen.Runtime.Tests;
using GptGen.Text;
using Xunit;

[assembly: AssemblyFixture(typeof(GptGen.MiniLm.Tests.MiniLmFiles))]

namespace GptGen.MiniLm.Tests;

/// <summary>The package's model as a folder, written once for all tests.</summary>
public sealed class MiniLmFiles : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Writes the folder.</summary>
    public MiniLmFiles()
    {
        MiniLmFolder.Write(_folder.Path);
        Tokenizer = WordPieceTokenizer.FromFolder(_folder.Path);
    }

    /// <summary>Where the folder is.</summary>
    public string Path => _folder.Path;

    /// <summary>The folder's tokenizer.</summary>
    public WordPieceTokenizer Tokenizer { get; }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
