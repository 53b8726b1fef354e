namespace GptGen.Files;

/// <summary>What is done to write a file.</summary>
internal enum FileStep
{
    /// <summary>The unfinished file is made.</summary>
    Create,

    /// <summary>Bytes are written.</summary>
    Write,

    /// <summary>They are brought to the disk.</summary>
    Sync,

    /// <summary>The file gets its name.</summary>
    Rename,

    /// <summary>The name is brought to the disk.</summary>
    SyncFolder,
}

/// <summary>Where trials let the system fail: each step of writing a file goes by here.</summary>
internal static class FileTrial
{
    /// <summary>Called on the writing thread before each step, to throw what the system would; null but in tests.</summary>
    [ThreadStatic]
    internal static Action<FileStep>? Fault;

    internal static void Before(FileStep step) => Fault?.Invoke(step);

    /// <summary>A new file that is being written.</summary>
    internal sealed class Target(string path) : FileStream(path, FileMode.CreateNew, FileAccess.Write, FileLock.Alone, bufferSize: 1 << 16)
    {
        /// <inheritdoc/>
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Before(FileStep.Write);
            base.Write(buffer);
        }

        /// <inheritdoc/>
        public override void Write(byte[] buffer, int offset, int count)
        {
            Before(FileStep.Write);
            base.Write(buffer, offset, count);
        }
    }
}
