using GptGen.Benchmarks.Onnx;
using GptGen.MiniLm;

if (args is ["folder", var path])
{
    MiniLmFolder.Write(path);
    Console.WriteLine($"all-MiniLM-L6-v2 is in '{path}'.");
    return 0;
}

return EncodingDuel.Run(args);
