namespace GptGen.Files;

/// <summary>What a file may be in place of what is asked for; <see cref="FileContent"/> tells and names them.</summary>
internal enum FileFormat
{
    // Archives.
    Zip,
    Gzip,
    Zstd,
    Xz,
    Bzip2,
    SevenZip,
    Tar,

    // Weights.
    Safetensors,
    PyTorch,
    OldPyTorch,
    Pickle,
    Keras,
    NumpyArchive,
    NumpyArray,
    Gguf,
    Ggml,
    Hdf5,
    TensorFlowIndex,
    TensorFlowLite,
    Onnx,
    MessagePack,
    Llama2C,

    // llm.c's.
    LlmcWeights,
    LlmcLlamaWeights,
    LlmcTokens,
    LlmcLlamaTokens,
    LlmcTokenizer,
    LlmcQuestions,
    LlmcComparison,
    LlmcState,

    // Tables.
    OldOffice,
    Workbook,
    OpenDocument,
    AppleDocument,
    Parquet,
    ArrowFile,
    ArrowStream,
    Feather,
    Orc,
    Avro,
    Sqlite,

    // The rest.
    Program,
    Pdf,
    Rtf,
    LfsPointer,
    WebPage,
    Xml,
}
