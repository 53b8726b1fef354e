using GptGen.Distributed;

namespace GptGen.Training;

/// <summary>What a model carries from step to step, where several processes keep it together.</summary>
internal interface ICarriedStates
{
    /// <summary>Says who computes the run; null for one process. Each makes what it carries itself.</summary>
    void Divide(Communicator? communicator);

    /// <summary>Gives the first process, which writes a checkpoint, what this one carries.</summary>
    void Give();

    /// <summary>Takes what this process carries of a checkpoint that the first one reads.</summary>
    void Take();
}
