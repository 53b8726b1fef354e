using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GptGen.Peer;

/// <summary>A model as one writes it for PyTorch, with the weights of a generated one.</summary>
internal interface ITorchModel : IDisposable
{
    /// <summary>What is trained.</summary>
    IEnumerable<Parameter> Parameters { get; }

    /// <summary>The loss of a batch, by the inputs' names.</summary>
    Tensor Loss(Func<string, Tensor> inputs);
}
