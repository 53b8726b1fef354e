namespace GptGen
{
    public enum Activation
    {
        GeluTanh = 0,
        GeluErf = 1,
        Relu = 2,
        Tanh = 3,
        Silu = 4,
    }
    public readonly struct AdamWStep : IEquatable<AdamWStep>
    {
        public AdamWStep(nint Count, nint Decayed, int Step, float LearningRate, float Beta1, float Beta2, float Epsilon, float WeightDecay, float Clip) { }
        public float Beta1 { get; init; }
        public float Beta2 { get; init; }
        public float Clip { get; init; }
        public IntPtr Count { get; init; }
        public IntPtr Decayed { get; init; }
        public float Epsilon { get; init; }
        public float LearningRate { get; init; }
        public int Step { get; init; }
        public float WeightDecay { get; init; }
    }
    public readonly struct AttentionGradients : IEquatable<AttentionGradients>
    {
        public AttentionGradients(ColumnSlice Query, ColumnSlice Key, ColumnSlice Value) { }
        public ColumnSlice Key { get; init; }
        public ColumnSlice Query { get; init; }
        public ColumnSlice Value { get; init; }
    }
    public readonly struct AttentionInputs : IEquatable<AttentionInputs>
    {
        public AttentionInputs(ColumnSlice Query, ColumnSlice Key, ColumnSlice Value, Location QueryLengths, Location KeyLengths) { }
        public ColumnSlice Key { get; init; }
        public Location KeyLengths { get; init; }
        public ColumnSlice Query { get; init; }
        public Location QueryLengths { get; init; }
        public ColumnSlice Value { get; init; }
    }
    public readonly struct AttentionShape : IEquatable<AttentionShape>
    {
        public AttentionShape(int Sequences, int QueryLength, int KeyLength, int QueryHeads, int KeyHeads, int HeadSize, AttentionMask Mask) { }
        public int Group { get; }
        public int HeadSize { get; init; }
        public int KeyHeads { get; init; }
        public int KeyLength { get; init; }
        public int KeyWidth { get; }
        public AttentionMask Mask { get; init; }
        public int QueryHeads { get; init; }
        public int QueryLength { get; init; }
        public int QueryWidth { get; }
        public float Scale { get; }
        public int Sequences { get; init; }
    }
    public sealed class BertAttribute : TransformerAttribute
    {
        public BertAttribute() { }
        public int TokenTypes { get; set; }
    }
    public abstract class BidirectionalEncodingGraph : EncodingGraph
    {
        protected BidirectionalEncodingGraph(BidirectionalModel model, int sequences, int length, IReadOnlyList<GraphInput> inputs, Func<int, int, int, IntPtr> valueElements) { }
        protected int CellsRowCount { get; }
        [get: PreserveBaseOverrides]
        public new virtual BidirectionalModel Model { get; }
        protected int NextCellsRowCount { get; }
        protected int NextOutputsRowCount { get; }
        protected int OutputsRowCount { get; }
        protected Location CellsOf(int place) { }
        public void Encode(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, RecurrentState? state = null) { }
        protected abstract void EncodeRows();
        protected Location NextCellsOf(int place) { }
        protected Location NextOutputsOf(int place) { }
        protected Location OutputsOf(int place) { }
        public void ReadLayer(int layer, Span<float> states) { }
        protected abstract Location StatesOf(int layer);
    }
    public abstract class BidirectionalModel : Model
    {
        protected BidirectionalModel(Device device, ModelDescription description) { }
        public abstract BidirectionalEncodingGraph CreateEncoding(int sequences, int length);
        public RecurrentState CreateState(int sequences) { }
        public abstract BidirectionalTrainingGraph CreateTraining(int sequences, int length);
    }
    public abstract class BidirectionalTrainingGraph : TrainingGraph
    {
        protected BidirectionalTrainingGraph(BidirectionalModel model, int sequences, int length, IReadOnlyList<GraphInput> inputs) { }
        protected int CellsRowCount { get; }
        [get: PreserveBaseOverrides]
        public new virtual BidirectionalModel Model { get; }
        protected int NextCellsRowCount { get; }
        protected int NextOutputsRowCount { get; }
        protected int OutputsRowCount { get; }
        public void AdvanceState() { }
        protected Location CellsOf(int place) { }
        protected Location NextCellsOf(int place) { }
        protected Location NextOutputsOf(int place) { }
        protected Location OutputsOf(int place) { }
        public void SetBatch(RecurrentState? state, int sequences, int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, ReadOnlySpan<int> lengths = default, float weight = 0) { }
    }
    public readonly struct CharacterShape : IEquatable<CharacterShape>
    {
        public CharacterShape(int Rows, int Length, int Characters, int StoredCharacters, int Width, int Window, int Filters) { }
        public int Characters { get; init; }
        public int Filters { get; init; }
        public int Length { get; init; }
        public int Rows { get; init; }
        public int StoredCharacters { get; init; }
        public int Width { get; init; }
        public int Window { get; init; }
    }
    public sealed class ClassificationHeadAttribute : TaskHeadAttribute
    {
        public ClassificationHeadAttribute() { }
        public int Labels { get; set; }
    }
    public readonly struct ClusterShape : IEquatable<ClusterShape>
    {
        public ClusterShape(int Rows, int Size, int Stride, int Columns, int Column, int HeadStride, int First, int VocabularyStride) { }
        public int Column { get; init; }
        public int Columns { get; init; }
        public int First { get; init; }
        public int HeadStride { get; init; }
        public int Rows { get; init; }
        public int Size { get; init; }
        public int Stride { get; init; }
        public int VocabularyStride { get; init; }
    }
    public sealed class ConfigKey : IEquatable<ConfigKey>
    {
        public ConfigKey(string Name, JsonNode? Value) { }
        public JsonNode? Absent { get; init; }
        public bool IsHeld { get; init; }
        public bool IsNullAbsent { get; init; }
        public string Name { get; init; }
        public IReadOnlyList<string> OtherNames { get; init; }
        public JsonNode? Value { get; init; }
    }
    public sealed class CpuDevice : Device
    {
        public const int MostThreads = 1024;
        public CpuDevice(int threads = 0, ElementType weights = 0, bool inferenceOnly = false) { }
        public bool InferenceOnly { get; }
        public override string Name { get; }
        public int Threads { get; }
        public ElementType Weights { get; }
        protected override void Activate(Activation activation, Location x, Location y, nint count) { }
        protected override void ActivateBackward(Activation activation, Location x, Location dy, Location dx, nint count) { }
        protected override void AdamW(Location parameters, Location gradients, Location firstMoments, Location secondMoments, Location norm, in AdamWStep step) { }
        public override Arena Allocate(BufferRole role, nint elements) { }
        protected override void Attention(in AttentionInputs inputs, DropoutSite dropout, Location y, Location logSumExp, in AttentionShape shape) { }
        protected override void AttentionBackward(Location dy, in AttentionInputs inputs, Location y, Location logSumExp, DropoutSite dropout, in AttentionGradients gradients, in AttentionShape shape) { }
        protected override void AttentionDecode(in AttentionInputs inputs, Location positions, Location slots, Location keys, Location values, int capacity, Location y, in AttentionShape shape) { }
        protected override void CharacterConvolution(Location characters, Location table, Location filters, Location bias, Activation activation, ColumnSlice y, Location places, in CharacterShape shape) { }
        protected override void CharacterConvolutionBackward(ColumnSlice dy, Location characters, Location table, Location filters, Activation activation, ColumnSlice y, Location places, Location dTable, GradientWrite tableWrite, Location dFilters, Location dBias, GradientWrite write, in CharacterShape shape) { }
        protected override void ClusterLogProbabilities(Location logits, Location head, Location y, in ClusterShape shape) { }
        protected override void Copy(Location x, Location y, nint count) { }
        protected override void CopySlices(in SequenceSlice from, in SequenceSlice to, int rows, int sequences, int width, GradientWrite write) { }
        protected override void CopySlots(in SlotCache cache, Location from, Location to, Location positions, int copies) { }
        protected override void CrossEntropy(Location scores, Location labels, Location losses, int examples, int classes) { }
        protected override void CrossEntropyBackward(Location scores, Location labels, Location weights, Location losses, Location dScores, int examples, int classes) { }
        protected override void Dispose(bool disposing) { }
        protected override void Dropout(Location x, DropoutSite dropout, Location y, nint count) { }
        public override int ElementSize(BufferRole role) { }
        protected override void Embed(Location tokens, Location positions, Location tokenTable, Location positionTable, DropoutSite dropout, Location y, int rows, int width) { }
        protected override void EmbedBackward(Location tokens, Location positions, Location dy, DropoutSite dropout, Location dTokenTable, GradientWrite tokenWrite, int tokenRows, Location dPositionTable, GradientWrite positionWrite, int positionRows, int rows, int width) { }
        protected override void GradientNorm(Location gradients, nint count, Location result) { }
        protected override void HeadLogits(Location x, Location weight, Location bias, Location logits, in HeadShape shape) { }
        protected override void HeadLoss(Location x, Location weight, Location bias, Location targets, Location logits, Location losses, float smoothing, in HeadShape shape) { }
        protected override void HeadLossBackward(Location x, Location weight, Location bias, Location targets, Location weights, Location logits, Location losses, Location dx, Location dWeight, Location dBias, GradientWrite weightWrite, float smoothing, in HeadShape shape) { }
        protected override void Highway(Location gates, Location x, Location y, int rows, int width) { }
        protected override void HighwayBackward(Location dy, Location gates, Location x, Location dGates, Location dx, GradientWrite inputWrite, int rows, int width) { }
        protected override void LayerNorm(Location x, Location gain, Location bias, float epsilon, Location y, Location mean, Location reciprocalDeviation, int rows, int width) { }
        protected override void LayerNormBackward(Location dy, Location x, Location gain, Location mean, Location reciprocalDeviation, Location dx, GradientWrite inputWrite, Location dGain, Location dBias, GradientWrite parameterWrite, int rows, int width) { }
        protected override void Linear(Location x, Location weight, Location bias, Location y, int rows, int inWidth, int outWidth) { }
        protected override void LinearActivation(Location x, Location weight, Location bias, Activation activation, Location before, Location y, int rows, int inWidth, int outWidth) { }
        protected override void LinearBackwardActivation(Location dy, Location weight, Activation activation, Location before, Location dBefore, int rows, int inWidth, int outWidth) { }
        protected override void LinearBackwardInput(Location dy, Location weight, Location dx, GradientWrite write, int rows, int inWidth, int outWidth) { }
        protected override void LinearBackwardWeight(Location x, Location dy, Location dWeight, Location dBias, GradientWrite write, int rows, int inWidth, int outWidth) { }
        protected override void LinearResidual(Location x, Location weight, Location bias, Location residual, DropoutSite dropout, Location y, int rows, int inWidth, int outWidth) { }
        protected override void Lookup(Location indices, Location table, float scale, Location y, GradientWrite write, int rows, int width) { }
        protected override void LookupBackward(Location indices, Location dy, float scale, Location dTable, GradientWrite write, int tableRows, int rows, int width) { }
        protected override void LstmScan(Location gates, Location recurrent, Location projection, Location lengths, in LstmState initial, Location activated, Location cells, Location y, in LstmState final, in LstmShape shape) { }
        protected override void LstmScanBackward(Location dy, Location activated, Location cells, Location y, Location recurrent, Location projection, Location lengths, in LstmState initial, Location dGates, Location dRecurrent, Location dProjection, GradientWrite write, in LstmShape shape) { }
        protected override void MeanRows(Location x, Location lengths, Location y, int sequences, int length, int width) { }
        protected override void MixLayers(Location layers, Location weights, Location gamma, Location lengths, Location y, in MixShape shape) { }
        protected override void MixLayersBackward(Location dy, Location layers, Location weights, Location gamma, Location lengths, Location dLayers, GradientWrite inputWrite, Location dWeights, Location dGamma, GradientWrite parameterWrite, in MixShape shape) { }
        protected override void Pool(Location x, Location rows, DropoutSite dropout, Location y, int members, int count, int width) { }
        protected override void PoolBackward(Location dy, Location rows, DropoutSite dropout, Location dx, GradientWrite write, int members, int count, int inputRows, int width) { }
        protected override void PositionCrossEntropy(Location scores, Location lengths, Location targets, Location losses, int sequences, int length, int columns) { }
        protected override void PositionCrossEntropyBackward(Location scores, Location lengths, Location targets, Location weights, Location losses, Location dScores, int sequences, int length, int columns) { }
        protected override void RelativeAttention(in RelativeInputs inputs, DropoutSite dropout, Location y, Location logSumExp, in AttentionShape shape) { }
        protected override void RelativeAttentionBackward(Location dy, in RelativeInputs inputs, Location y, Location logSumExp, DropoutSite dropout, in RelativeGradients gradients, in AttentionShape shape) { }
        protected override void RelativeAttentionDecode(in RelativeInputs inputs, Location positions, Location slots, Location keys, Location values, Location y, in AttentionShape shape) { }
        protected override void ResidualAdd(Location residual, Location branch, DropoutSite dropout, Location y, nint count) { }
        protected override void Sample(Location logits, Location draws, Location seen, Location tokens, in SamplingShape shape) { }
        protected override void SampledHeadLossBackward(Location x, Location weight, Location bias, Location targets, Location weights, in SampledTokens samples, Location losses, Location dx, Location dWeight, Location dBias, GradientWrite weightWrite, in HeadShape shape) { }
        protected override void SquaredError(Location scores, Location grades, Location losses, int examples) { }
        protected override void SquaredErrorBackward(Location scores, Location grades, Location weights, Location losses, Location dScores, int examples) { }
        protected override void StoreKeysAndValues(in AttentionInputs inputs, Location slots, Location keys, Location values, int capacity, in AttentionShape shape) { }
    }
    public sealed class CudaDevice : Device
    {
        public CudaDevice(int gpu = 0, GpuPrecision precision = 0) { }
        public string GpuName { get; }
        public override int LogitRows { get; }
        public override string Name { get; }
        public GpuPrecision Precision { get; }
        public static bool DriverIsPresent { get; }
        protected override void Activate(Activation activation, Location x, Location y, nint count) { }
        protected override void ActivateBackward(Activation activation, Location x, Location dy, Location dx, nint count) { }
        protected override void AdamW(Location parameters, Location gradients, Location firstMoments, Location secondMoments, Location norm, in AdamWStep step) { }
        public override Arena Allocate(BufferRole role, nint elements) { }
        protected override void Attention(in AttentionInputs inputs, DropoutSite dropout, Location y, Location logSumExp, in AttentionShape shape) { }
        protected override void AttentionBackward(Location dy, in AttentionInputs inputs, Location y, Location logSumExp, DropoutSite dropout, in AttentionGradients gradients, in AttentionShape shape) { }
        protected override void AttentionDecode(in AttentionInputs inputs, Location positions, Location slots, Location keys, Location values, int capacity, Location y, in AttentionShape shape) { }
        protected override void CharacterConvolution(Location characters, Location table, Location filters, Location bias, Activation activation, ColumnSlice y, Location places, in CharacterShape shape) { }
        protected override void CharacterConvolutionBackward(ColumnSlice dy, Location characters, Location table, Location filters, Activation activation, ColumnSlice y, Location places, Location dTable, GradientWrite tableWrite, Location dFilters, Location dBias, GradientWrite write, in CharacterShape shape) { }
        protected override void ClusterLogProbabilities(Location logits, Location head, Location y, in ClusterShape shape) { }
        protected override void Copy(Location x, Location y, nint count) { }
        protected override void CopySlices(in SequenceSlice from, in SequenceSlice to, int rows, int sequences, int width, GradientWrite write) { }
        protected override void CopySlots(in SlotCache cache, Location from, Location to, Location positions, int copies) { }
        protected override void CrossEntropy(Location scores, Location labels, Location losses, int examples, int classes) { }
        protected override void CrossEntropyBackward(Location scores, Location labels, Location weights, Location losses, Location dScores, int examples, int classes) { }
        protected override void Dispose(bool disposing) { }
        protected override void Dropout(Location x, DropoutSite dropout, Location y, nint count) { }
        public override int ElementSize(BufferRole role) { }
        protected override void Embed(Location tokens, Location positions, Location tokenTable, Location positionTable, DropoutSite dropout, Location y, int rows, int width) { }
        protected override void EmbedBackward(Location tokens, Location positions, Location dy, DropoutSite dropout, Location dTokenTable, GradientWrite tokenWrite, int tokenRows, Location dPositionTable, GradientWrite positionWrite, int positionRows, int rows, int width) { }
        protected override void GradientNorm(Location gradients, nint count, Location result) { }
        protected override void HeadLogits(Location x, Location weight, Location bias, Location logits, in HeadShape shape) { }
        protected override void HeadLoss(Location x, Location weight, Location bias, Location targets, Location logits, Location losses, float smoothing, in HeadShape shape) { }
        protected override void HeadLossBackward(Location x, Location weight, Location bias, Location targets, Location weights, Location logits, Location losses, Location dx, Location dWeight, Location dBias, GradientWrite weightWrite, float smoothing, in HeadShape shape) { }
        protected override void Highway(Location gates, Location x, Location y, int rows, int width) { }
        protected override void HighwayBackward(Location dy, Location gates, Location x, Location dGates, Location dx, GradientWrite inputWrite, int rows, int width) { }
        protected override void LayerNorm(Location x, Location gain, Location bias, float epsilon, Location y, Location mean, Location reciprocalDeviation, int rows, int width) { }
        protected override void LayerNormBackward(Location dy, Location x, Location gain, Location mean, Location reciprocalDeviation, Location dx, GradientWrite inputWrite, Location dGain, Location dBias, GradientWrite parameterWrite, int rows, int width) { }
        protected override void Linear(Location x, Location weight, Location bias, Location y, int rows, int inWidth, int outWidth) { }
        protected override void LinearActivation(Location x, Location weight, Location bias, Activation activation, Location before, Location y, int rows, int inWidth, int outWidth) { }
        protected override void LinearBackwardActivation(Location dy, Location weight, Activation activation, Location before, Location dBefore, int rows, int inWidth, int outWidth) { }
        protected override void LinearBackwardInput(Location dy, Location weight, Location dx, GradientWrite write, int rows, int inWidth, int outWidth) { }
        protected override void LinearBackwardWeight(Location x, Location dy, Location dWeight, Location dBias, GradientWrite write, int rows, int inWidth, int outWidth) { }
        protected override void LinearResidual(Location x, Location weight, Location bias, Location residual, DropoutSite dropout, Location y, int rows, int inWidth, int outWidth) { }
        protected override void Lookup(Location indices, Location table, float scale, Location y, GradientWrite write, int rows, int width) { }
        protected override void LookupBackward(Location indices, Location dy, float scale, Location dTable, GradientWrite write, int tableRows, int rows, int width) { }
        protected override void LstmScan(Location gates, Location recurrent, Location projection, Location lengths, in LstmState initial, Location activated, Location cells, Location y, in LstmState final, in LstmShape shape) { }
        protected override void LstmScanBackward(Location dy, Location activated, Location cells, Location y, Location recurrent, Location projection, Location lengths, in LstmState initial, Location dGates, Location dRecurrent, Location dProjection, GradientWrite write, in LstmShape shape) { }
        protected override void MeanRows(Location x, Location lengths, Location y, int sequences, int length, int width) { }
        protected override void MixLayers(Location layers, Location weights, Location gamma, Location lengths, Location y, in MixShape shape) { }
        protected override void MixLayersBackward(Location dy, Location layers, Location weights, Location gamma, Location lengths, Location dLayers, GradientWrite inputWrite, Location dWeights, Location dGamma, GradientWrite parameterWrite, in MixShape shape) { }
        protected override void Pool(Location x, Location rows, DropoutSite dropout, Location y, int members, int count, int width) { }
        protected override void PoolBackward(Location dy, Location rows, DropoutSite dropout, Location dx, GradientWrite write, int members, int count, int inputRows, int width) { }
        protected override void PositionCrossEntropy(Location scores, Location lengths, Location targets, Location losses, int sequences, int length, int columns) { }
        protected override void PositionCrossEntropyBackward(Location scores, Location lengths, Location targets, Location weights, Location losses, Location dScores, int sequences, int length, int columns) { }
        public override void Prepare(ModelDescription model) { }
        protected override void RelativeAttention(in RelativeInputs inputs, DropoutSite dropout, Location y, Location logSumExp, in AttentionShape shape) { }
        protected override void RelativeAttentionBackward(Location dy, in RelativeInputs inputs, Location y, Location logSumExp, DropoutSite dropout, in RelativeGradients gradients, in AttentionShape shape) { }
        protected override void RelativeAttentionDecode(in RelativeInputs inputs, Location positions, Location slots, Location keys, Location values, Location y, in AttentionShape shape) { }
        protected override void ResidualAdd(Location residual, Location branch, DropoutSite dropout, Location y, nint count) { }
        protected override void Sample(Location logits, Location draws, Location seen, Location tokens, in SamplingShape shape) { }
        protected override void SampledHeadLossBackward(Location x, Location weight, Location bias, Location targets, Location weights, in SampledTokens samples, Location losses, Location dx, Location dWeight, Location dBias, GradientWrite weightWrite, in HeadShape shape) { }
        protected override void SquaredError(Location scores, Location grades, Location losses, int examples) { }
        protected override void SquaredErrorBackward(Location scores, Location grades, Location weights, Location losses, Location dScores, int examples) { }
        protected override void StoreKeysAndValues(in AttentionInputs inputs, Location slots, Location keys, Location values, int capacity, in AttentionShape shape) { }
        public void Synchronize() { }
    }
    public sealed class CudaDiagnosis : IEquatable<CudaDiagnosis>
    {
        public CudaDiagnosis(string? Problem, string? DriverVersion, string? CudaVersion, IReadOnlyList<CudaLibraryReport> Libraries, IReadOnlyList<CudaGpuReport> Gpus, string? KernelCache, string? KernelCacheProblem) { }
        public string? CudaVersion { get; init; }
        public string? DriverVersion { get; init; }
        public IReadOnlyList<CudaGpuReport> Gpus { get; init; }
        public string? KernelCache { get; init; }
        public string? KernelCacheProblem { get; init; }
        public IReadOnlyList<CudaLibraryReport> Libraries { get; init; }
        public string? Problem { get; init; }
        public bool Usable { get; }
        public static CudaDiagnosis Run() { }
    }
    public sealed class CudaGpuReport : IEquatable<CudaGpuReport>
    {
        public CudaGpuReport(int Ordinal, string Name, string ComputeCapability, long MemoryBytes, long? FreeBytes, int Multiprocessors, string? Problem) { }
        public string ComputeCapability { get; init; }
        public long? FreeBytes { get; init; }
        public long MemoryBytes { get; init; }
        public int Multiprocessors { get; init; }
        public string Name { get; init; }
        public int Ordinal { get; init; }
        public string? Problem { get; init; }
    }
    public sealed class CudaLibraryReport : IEquatable<CudaLibraryReport>
    {
        public CudaLibraryReport(string Name, string? Path, string? Version, IReadOnlyList<string> Files, IReadOnlyList<string> Places, IReadOnlyList<string> Refused, string? Remedy) { }
        public IReadOnlyList<string> Files { get; init; }
        public string Name { get; init; }
        public string? Path { get; init; }
        public IReadOnlyList<string> Places { get; init; }
        public IReadOnlyList<string> Refused { get; init; }
        public string? Remedy { get; init; }
        public string? Version { get; init; }
    }
    public abstract class Device : IDisposable
    {
        public const int IgnoredTarget = -1;
        protected Device() { }
        public virtual int LogitRows { get; }
        public abstract string Name { get; }
        public void Accumulate<TWidth>(Rows<TWidth> x, Rows<TWidth> y, GradientWrite write) where TWidth :  struct, IDimension { }
        protected abstract void Activate(Activation activation, Location x, Location y, nint count);
        public void Activate<TWidth>(Activation activation, Rows<TWidth> x, Rows<TWidth> y) where TWidth :  struct, IDimension { }
        protected abstract void ActivateBackward(Activation activation, Location x, Location dy, Location dx, nint count);
        public void ActivateBackward<TWidth>(Activation activation, Rows<TWidth> x, Rows<TWidth> dy, Rows<TWidth> dx) where TWidth :  struct, IDimension { }
        public void AdamW(Arena parameters, Arena gradients, Arena firstMoments, Arena secondMoments, Statistics norm, in AdamWStep step) { }
        protected abstract void AdamW(Location parameters, Location gradients, Location firstMoments, Location secondMoments, Location norm, in AdamWStep step);
        public abstract Arena Allocate(BufferRole role, nint elements);
        protected abstract void Attention(in AttentionInputs inputs, DropoutSite dropout, Location y, Location logSumExp, in AttentionShape shape);
        public void Attention<TQuery, TKey>(Columns<TQuery> query, Columns<TKey> key, Columns<TKey> value, AttentionHeads<TQuery, TKey> heads, Integers queryLengths, Integers keyLengths, DropoutSite dropout, Rows<TQuery> y, Statistics logSumExp) where TQuery :  struct, IDimension where TKey :  struct, IDimension { }
        protected abstract void AttentionBackward(Location dy, in AttentionInputs inputs, Location y, Location logSumExp, DropoutSite dropout, in AttentionGradients gradients, in AttentionShape shape);
        public void AttentionBackward<TQuery, TKey>(Rows<TQuery> dy, Columns<TQuery> query, Columns<TKey> key, Columns<TKey> value, Rows<TQuery> y, Statistics logSumExp, AttentionHeads<TQuery, TKey> heads, Integers queryLengths, Integers keyLengths, DropoutSite dropout, Columns<TQuery> dQuery, Columns<TKey> dKey, Columns<TKey> dValue) where TQuery :  struct, IDimension where TKey :  struct, IDimension { }
        public void AttentionCached<TWidth>(Rows<TWidth> query, AttentionHeads<TWidth, TWidth> heads, Integers positions, Integers slots, KeyValueCache<TWidth> cache, Rows<TWidth> y) where TWidth :  struct, IDimension { }
        protected abstract void AttentionDecode(in AttentionInputs inputs, Location positions, Location slots, Location keys, Location values, int capacity, Location y, in AttentionShape shape);
        public void AttentionDecode<TWidth>(Rows<Triple<TWidth>> qkv, AttentionHeads<TWidth, TWidth> heads, Integers positions, Integers slots, KeyValueCache<TWidth> cache, Rows<TWidth> y) where TWidth :  struct, IDimension { }
        public void AttentionPrefill<TWidth>(Rows<Triple<TWidth>> qkv, AttentionHeads<TWidth, TWidth> heads, Integers lengths, Integers slots, KeyValueCache<TWidth> cache, Rows<TWidth> y) where TWidth :  struct, IDimension { }
        protected abstract void CharacterConvolution(Location characters, Location table, Location filters, Location bias, Activation activation, ColumnSlice y, Location places, in CharacterShape shape);
        public void CharacterConvolution<TCount, TWidth, TWindow, TOut>(Integers characters, Matrix<TCount, TWidth> table, Matrix<TOut, TWindow> filters, Vector<TOut> bias, Activation activation, Columns<TOut> y, Statistics places) where TCount :  struct, IDimension where TWidth :  struct, IDimension where TWindow :  struct, IDimension where TOut :  struct, IDimension { }
        protected abstract void CharacterConvolutionBackward(ColumnSlice dy, Location characters, Location table, Location filters, Activation activation, ColumnSlice y, Location places, Location dTable, GradientWrite tableWrite, Location dFilters, Location dBias, GradientWrite write, in CharacterShape shape);
        public void CharacterConvolutionBackward<TCount, TWidth, TWindow, TOut>(Columns<TOut> dy, Integers characters, Matrix<TCount, TWidth> table, Matrix<TOut, TWindow> filters, Activation activation, Columns<TOut> y, Statistics places, Matrix<TCount, TWidth> dTable, GradientWrite tableWrite, Matrix<TOut, TWindow> dFilters, Vector<TOut> dBias, GradientWrite write) where TCount :  struct, IDimension where TWidth :  struct, IDimension where TWindow :  struct, IDimension where TOut :  struct, IDimension { }
        public void Clear<TWidth>(Rows<TWidth> y) where TWidth :  struct, IDimension { }
        protected abstract void ClusterLogProbabilities(Location logits, Location head, Location y, in ClusterShape shape);
        public void ClusterLogProbabilities<TCluster, THead, TVocabulary>(Rows<TCluster> logits, Rows<THead> head, int column, int columns, Rows<TVocabulary> y, int first) where TCluster :  struct, IDimension where THead :  struct, IDimension where TVocabulary :  struct, IDimension { }
        protected abstract void Copy(Location x, Location y, nint count);
        public void Copy<TWidth>(Rows<TWidth> x, Rows<TWidth> y) where TWidth :  struct, IDimension { }
        protected abstract void CopySlices(in SequenceSlice from, in SequenceSlice to, int rows, int sequences, int width, GradientWrite write);
        public void CopySlots(SlotCache cache, Integers from, Integers to, Integers positions) { }
        protected abstract void CopySlots(in SlotCache cache, Location from, Location to, Location positions, int copies);
        protected abstract void CrossEntropy(Location scores, Location labels, Location losses, int examples, int classes);
        public void CrossEntropy<TScores>(Rows<TScores> scores, Integers labels, Statistics losses) where TScores :  struct, IDimension { }
        protected abstract void CrossEntropyBackward(Location scores, Location labels, Location weights, Location losses, Location dScores, int examples, int classes);
        public void CrossEntropyBackward<TScores>(Rows<TScores> scores, Integers labels, Statistics weights, Statistics losses, Rows<TScores> dScores) where TScores :  struct, IDimension { }
        public void Dispose() { }
        protected virtual void Dispose(bool disposing) { }
        protected abstract void Dropout(Location x, DropoutSite dropout, Location y, nint count);
        public void Dropout<TWidth>(Rows<TWidth> x, DropoutSite dropout, Rows<TWidth> y) where TWidth :  struct, IDimension { }
        public Rows<TWidth> DropoutBackward<TWidth>(Rows<TWidth> dSum, DropoutSite dropout, Rows<TWidth> dBranch) where TWidth :  struct, IDimension { }
        public abstract int ElementSize(BufferRole role);
        protected abstract void Embed(Location tokens, Location positions, Location tokenTable, Location positionTable, DropoutSite dropout, Location y, int rows, int width);
        public void Embed<TVocabulary, TContext, TWidth>(Integers tokens, Integers positions, Matrix<TVocabulary, TWidth> tokenTable, Matrix<TContext, TWidth> positionTable, DropoutSite dropout, Rows<TWidth> y) where TVocabulary :  struct, IDimension where TContext :  struct, IDimension where TWidth :  struct, IDimension { }
        protected abstract void EmbedBackward(Location tokens, Location positions, Location dy, DropoutSite dropout, Location dTokenTable, GradientWrite tokenWrite, int tokenRows, Location dPositionTable, GradientWrite positionWrite, int positionRows, int rows, int width);
        public void EmbedBackward<TVocabulary, TContext, TWidth>(Integers tokens, Integers positions, Rows<TWidth> dy, DropoutSite dropout, Matrix<TVocabulary, TWidth> dTokenTable, GradientWrite tokenWrite, Matrix<TContext, TWidth> dPositionTable, GradientWrite positionWrite) where TVocabulary :  struct, IDimension where TContext :  struct, IDimension where TWidth :  struct, IDimension { }
        public void Gather<TWidth>(Rows<TWidth> x, Integers indices, Rows<TWidth> y) where TWidth :  struct, IDimension { }
        public void GatherBackward<TWidth>(Rows<TWidth> dy, Integers indices, Rows<TWidth> dx, GradientWrite write) where TWidth :  struct, IDimension { }
        public void GradientNorm(Arena gradients, nint count, Statistics result) { }
        protected abstract void GradientNorm(Location gradients, nint count, Location result);
        protected abstract void HeadLogits(Location x, Location weight, Location bias, Location logits, in HeadShape shape);
        public void HeadLogits<TVocabulary, TWidth>(Rows<TWidth> x, Matrix<TVocabulary, TWidth> weight, Vector<TVocabulary> bias, Rows<TVocabulary> logits) where TVocabulary :  struct, IDimension where TWidth :  struct, IDimension { }
        protected abstract void HeadLoss(Location x, Location weight, Location bias, Location targets, Location logits, Location losses, float smoothing, in HeadShape shape);
        public void HeadLoss<TVocabulary, TWidth>(Rows<TWidth> x, Matrix<TVocabulary, TWidth> weight, Vector<TVocabulary> bias, Integers targets, Rows<TVocabulary> logits, Statistics losses, float smoothing = 0) where TVocabulary :  struct, IDimension where TWidth :  struct, IDimension { }
        protected abstract void HeadLossBackward(Location x, Location weight, Location bias, Location targets, Location weights, Location logits, Location losses, Location dx, Location dWeight, Location dBias, GradientWrite weightWrite, float smoothing, in HeadShape shape);
        public void HeadLossBackward<TVocabulary, TWidth>(Rows<TWidth> x, Matrix<TVocabulary, TWidth> weight, Vector<TVocabulary> bias, Integers targets, Statistics weights, Rows<TVocabulary> logits, Statistics losses, Rows<TWidth> dx, Matrix<TVocabulary, TWidth> dWeight, Vector<TVocabulary> dBias, GradientWrite weightWrite, float smoothing = 0) where TVocabulary :  struct, IDimension where TWidth :  struct, IDimension { }
        protected abstract void Highway(Location gates, Location x, Location y, int rows, int width);
        public void Highway<TWidth>(Rows<Double<TWidth>> gates, Rows<TWidth> x, Rows<TWidth> y) where TWidth :  struct, IDimension { }
        protected abstract void HighwayBackward(Location dy, Location gates, Location x, Location dGates, Location dx, GradientWrite inputWrite, int rows, int width);
        public void HighwayBackward<TWidth>(Rows<TWidth> dy, Rows<Double<TWidth>> gates, Rows<TWidth> x, Rows<Double<TWidth>> dGates, Rows<TWidth> dx, GradientWrite inputWrite) where TWidth :  struct, IDimension { }
        public void JoinMemory<TWidth>(Rows<TWidth> memory, Rows<TWidth> x, int sequences, Rows<TWidth> joined) where TWidth :  struct, IDimension { }
        public void JoinMemoryBackward<TWidth>(Rows<TWidth> dJoined, int sequences, Rows<TWidth> dx, GradientWrite write) where TWidth :  struct, IDimension { }
        public void KeepMemory<TWidth>(Rows<TWidth> joined, int sequences, Rows<TWidth> memory) where TWidth :  struct, IDimension { }
        protected abstract void LayerNorm(Location x, Location gain, Location bias, float epsilon, Location y, Location mean, Location reciprocalDeviation, int rows, int width);
        public void LayerNorm<TWidth>(Rows<TWidth> x, Vector<TWidth> gain, Vector<TWidth> bias, float epsilon, Rows<TWidth> y, Statistics mean, Statistics reciprocalDeviation) where TWidth :  struct, IDimension { }
        protected abstract void LayerNormBackward(Location dy, Location x, Location gain, Location mean, Location reciprocalDeviation, Location dx, GradientWrite inputWrite, Location dGain, Location dBias, GradientWrite parameterWrite, int rows, int width);
        public void LayerNormBackward<TWidth>(Rows<TWidth> dy, Rows<TWidth> x, Vector<TWidth> gain, Statistics mean, Statistics reciprocalDeviation, Rows<TWidth> dx, GradientWrite inputWrite, Vector<TWidth> dGain, Vector<TWidth> dBias, GradientWrite parameterWrite) where TWidth :  struct, IDimension { }
        protected abstract void Linear(Location x, Location weight, Location bias, Location y, int rows, int inWidth, int outWidth);
        public void Linear<TIn, TOut>(Rows<TIn> x, Matrix<TOut, TIn> weight, Vector<TOut> bias, Rows<TOut> y) where TIn :  struct, IDimension where TOut :  struct, IDimension { }
        protected virtual void LinearActivation(Location x, Location weight, Location bias, Activation activation, Location before, Location y, int rows, int inWidth, int outWidth) { }
        public void LinearActivation<TIn, TOut>(Rows<TIn> x, Matrix<TOut, TIn> weight, Vector<TOut> bias, Activation activation, Rows<TOut> before, Rows<TOut> y) where TIn :  struct, IDimension where TOut :  struct, IDimension { }
        protected virtual void LinearBackwardActivation(Location dy, Location weight, Activation activation, Location before, Location dBefore, int rows, int inWidth, int outWidth) { }
        public void LinearBackwardActivation<TIn, TOut>(Rows<TOut> dy, Matrix<TOut, TIn> weight, Activation activation, Rows<TIn> before, Rows<TIn> dBefore) where TIn :  struct, IDimension where TOut :  struct, IDimension { }
        protected abstract void LinearBackwardInput(Location dy, Location weight, Location dx, GradientWrite write, int rows, int inWidth, int outWidth);
        public void LinearBackwardInput<TIn, TOut>(Rows<TOut> dy, Matrix<TOut, TIn> weight, Rows<TIn> dx, GradientWrite write) where TIn :  struct, IDimension where TOut :  struct, IDimension { }
        protected abstract void LinearBackwardWeight(Location x, Location dy, Location dWeight, Location dBias, GradientWrite write, int rows, int inWidth, int outWidth);
        public void LinearBackwardWeight<TIn, TOut>(Rows<TIn> x, Rows<TOut> dy, Matrix<TOut, TIn> dWeight, Vector<TOut> dBias, GradientWrite write) where TIn :  struct, IDimension where TOut :  struct, IDimension { }
        protected virtual void LinearResidual(Location x, Location weight, Location bias, Location residual, DropoutSite dropout, Location y, int rows, int inWidth, int outWidth) { }
        public void LinearResidual<TIn, TOut>(Rows<TIn> x, Matrix<TOut, TIn> weight, Vector<TOut> bias, Rows<TOut> residual, DropoutSite dropout, Rows<TOut> y) where TIn :  struct, IDimension where TOut :  struct, IDimension { }
        protected abstract void Lookup(Location indices, Location table, float scale, Location y, GradientWrite write, int rows, int width);
        public void Lookup<TCount, TWidth>(Integers indices, Matrix<TCount, TWidth> table, float scale, Rows<TWidth> y, GradientWrite write) where TCount :  struct, IDimension where TWidth :  struct, IDimension { }
        protected abstract void LookupBackward(Location indices, Location dy, float scale, Location dTable, GradientWrite write, int tableRows, int rows, int width);
        public void LookupBackward<TCount, TWidth>(Integers indices, Rows<TWidth> dy, float scale, Matrix<TCount, TWidth> dTable, GradientWrite write) where TCount :  struct, IDimension where TWidth :  struct, IDimension { }
        protected abstract void LstmScan(Location gates, Location recurrent, Location projection, Location lengths, in LstmState initial, Location activated, Location cells, Location y, in LstmState final, in LstmShape shape);
        public void LstmScan<TCells, TProjection>(Rows<Quadruple<TCells>> gates, Matrix<Quadruple<TCells>, TProjection> recurrent, Matrix<TProjection, TCells> projection, Integers lengths, LstmRecurrence recurrence, Rows<TCells> initialCells, Rows<TProjection> initialProjected, Rows<Quadruple<TCells>> activated, Rows<TCells> cells, Rows<TProjection> y, Rows<TCells> finalCells, Rows<TProjection> finalProjected) where TCells :  struct, IDimension where TProjection :  struct, IDimension { }
        protected abstract void LstmScanBackward(Location dy, Location activated, Location cells, Location y, Location recurrent, Location projection, Location lengths, in LstmState initial, Location dGates, Location dRecurrent, Location dProjection, GradientWrite write, in LstmShape shape);
        public void LstmScanBackward<TCells, TProjection>(Rows<TProjection> dy, Rows<Quadruple<TCells>> activated, Rows<TCells> cells, Rows<TProjection> y, Matrix<Quadruple<TCells>, TProjection> recurrent, Matrix<TProjection, TCells> projection, Integers lengths, LstmRecurrence recurrence, Rows<TCells> initialCells, Rows<TProjection> initialProjected, Rows<Quadruple<TCells>> dGates, Matrix<Quadruple<TCells>, TProjection> dRecurrent, Matrix<TProjection, TCells> dProjection, GradientWrite write) where TCells :  struct, IDimension where TProjection :  struct, IDimension { }
        protected abstract void MeanRows(Location x, Location lengths, Location y, int sequences, int length, int width);
        public void MeanRows<TWidth>(Rows<TWidth> x, Integers lengths, Rows<TWidth> y) where TWidth :  struct, IDimension { }
        protected abstract void MixLayers(Location layers, Location weights, Location gamma, Location lengths, Location y, in MixShape shape);
        public void MixLayers<TLayers, TWidth, TScale>(Rows<TWidth> layers, Vector<TLayers> weights, Vector<TScale> gamma, Rows<TWidth> y) where TLayers :  struct, IDimension where TWidth :  struct, IDimension where TScale :  struct, IDimension { }
        protected abstract void MixLayersBackward(Location dy, Location layers, Location weights, Location gamma, Location lengths, Location dLayers, GradientWrite inputWrite, Location dWeights, Location dGamma, GradientWrite parameterWrite, in MixShape shape);
        public void MixLayersBackward<TLayers, TWidth, TScale>(Rows<TWidth> dy, Rows<TWidth> layers, Vector<TLayers> weights, Vector<TScale> gamma, Rows<TWidth> dLayers, GradientWrite inputWrite, Vector<TLayers> dWeights, Vector<TScale> dGamma, GradientWrite parameterWrite) where TLayers :  struct, IDimension where TWidth :  struct, IDimension where TScale :  struct, IDimension { }
        public void MixNormalizedLayers<TLayers, TWidth, TScale>(Rows<TWidth> layers, Vector<TLayers> weights, Vector<TScale> gamma, Integers lengths, int directions, float epsilon, Rows<TWidth> y) where TLayers :  struct, IDimension where TWidth :  struct, IDimension where TScale :  struct, IDimension { }
        public void MixNormalizedLayersBackward<TLayers, TWidth, TScale>(Rows<TWidth> dy, Rows<TWidth> layers, Vector<TLayers> weights, Vector<TScale> gamma, Integers lengths, int directions, float epsilon, Vector<TLayers> dWeights, Vector<TScale> dGamma, GradientWrite parameterWrite) where TLayers :  struct, IDimension where TWidth :  struct, IDimension where TScale :  struct, IDimension { }
        protected abstract void Pool(Location x, Location rows, DropoutSite dropout, Location y, int members, int count, int width);
        public void Pool<TWidth>(Rows<TWidth> x, Integers rows, DropoutSite dropout, Rows<TWidth> y) where TWidth :  struct, IDimension { }
        protected abstract void PoolBackward(Location dy, Location rows, DropoutSite dropout, Location dx, GradientWrite write, int members, int count, int inputRows, int width);
        public void PoolBackward<TWidth>(Rows<TWidth> dy, Integers rows, DropoutSite dropout, Rows<TWidth> dx, GradientWrite write) where TWidth :  struct, IDimension { }
        protected abstract void PositionCrossEntropy(Location scores, Location lengths, Location targets, Location losses, int sequences, int length, int columns);
        public void PositionCrossEntropy<TScores>(Rows<TScores> scores, Integers lengths, Integers targets, Statistics losses) where TScores :  struct, IDimension { }
        protected abstract void PositionCrossEntropyBackward(Location scores, Location lengths, Location targets, Location weights, Location losses, Location dScores, int sequences, int length, int columns);
        public void PositionCrossEntropyBackward<TScores>(Rows<TScores> scores, Integers lengths, Integers targets, Statistics weights, Statistics losses, Rows<TScores> dScores) where TScores :  struct, IDimension { }
        public virtual void Prepare(ModelDescription model) { }
        protected abstract void RelativeAttention(in RelativeInputs inputs, DropoutSite dropout, Location y, Location logSumExp, in AttentionShape shape);
        public void RelativeAttention<TWidth>(Rows<Triple<TWidth>> qkv, Rows<TWidth> distances, Vector<TWidth> contentBias, Vector<TWidth> positionBias, AttentionHeads<TWidth, TWidth> heads, int sequences, int window, DropoutSite dropout, Rows<TWidth> y, Statistics logSumExp) where TWidth :  struct, IDimension { }
        protected abstract void RelativeAttentionBackward(Location dy, in RelativeInputs inputs, Location y, Location logSumExp, DropoutSite dropout, in RelativeGradients gradients, in AttentionShape shape);
        public void RelativeAttentionBackward<TWidth>(
                    Rows<TWidth> dy,
                    Rows<Triple<TWidth>> qkv,
                    Rows<TWidth> distances,
                    Vector<TWidth> contentBias,
                    Vector<TWidth> positionBias,
                    Rows<TWidth> y,
                    Statistics logSumExp,
                    AttentionHeads<TWidth, TWidth> heads,
                    int sequences,
                    int window,
                    DropoutSite dropout,
                    Rows<Triple<TWidth>> dQkv,
                    Rows<TWidth> dDistances,
                    Vector<TWidth> dContentBias,
                    Vector<TWidth> dPositionBias,
                    GradientWrite write) where TWidth :  struct, IDimension { }
        protected abstract void RelativeAttentionDecode(in RelativeInputs inputs, Location positions, Location slots, Location keys, Location values, Location y, in AttentionShape shape);
        public void RelativeAttentionDecode<TWidth>(Rows<Triple<TWidth>> qkv, Rows<TWidth> distances, Vector<TWidth> contentBias, Vector<TWidth> positionBias, AttentionHeads<TWidth, TWidth> heads, Integers positions, Integers slots, KeyValueCache<TWidth> cache, Rows<TWidth> y) where TWidth :  struct, IDimension { }
        protected abstract void ResidualAdd(Location residual, Location branch, DropoutSite dropout, Location y, nint count);
        public void ResidualAdd<TWidth>(Rows<TWidth> residual, Rows<TWidth> branch, DropoutSite dropout, Rows<TWidth> y) where TWidth :  struct, IDimension { }
        protected abstract void Sample(Location logits, Location draws, Location seen, Location tokens, in SamplingShape shape);
        public void Sample<TVocabulary>(Rows<TVocabulary> logits, int limit, Integers draws, Integers seen, Integers tokens) where TVocabulary :  struct, IDimension { }
        protected abstract void SampledHeadLossBackward(Location x, Location weight, Location bias, Location targets, Location weights, in SampledTokens samples, Location losses, Location dx, Location dWeight, Location dBias, GradientWrite weightWrite, in HeadShape shape);
        public void SampledHeadLossBackward<TVocabulary, TWidth>(Rows<TWidth> x, Matrix<TVocabulary, TWidth> weight, Vector<TVocabulary> bias, Integers targets, Statistics weights, Integers samples, Statistics sampleLogs, Statistics targetLogs, Statistics losses, Rows<TWidth> dx, Matrix<TVocabulary, TWidth> dWeight, Vector<TVocabulary> dBias, GradientWrite weightWrite) where TVocabulary :  struct, IDimension where TWidth :  struct, IDimension { }
        public void Scatter<TWidth>(Rows<TWidth> x, Integers indices, Rows<TWidth> y, GradientWrite write) where TWidth :  struct, IDimension { }
        protected abstract void SquaredError(Location scores, Location grades, Location losses, int examples);
        public void SquaredError<TScores>(Rows<TScores> scores, Statistics grades, Statistics losses) where TScores :  struct, IDimension { }
        protected abstract void SquaredErrorBackward(Location scores, Location grades, Location weights, Location losses, Location dScores, int examples);
        public void SquaredErrorBackward<TScores>(Rows<TScores> scores, Statistics grades, Statistics weights, Statistics losses, Rows<TScores> dScores) where TScores :  struct, IDimension { }
        protected abstract void StoreKeysAndValues(in AttentionInputs inputs, Location slots, Location keys, Location values, int capacity, in AttentionShape shape);
        public void StoreKeysAndValues<TWidth>(Rows<Double<TWidth>> keysAndValues, AttentionHeads<TWidth, TWidth> heads, Integers lengths, Integers slots, KeyValueCache<TWidth> cache) where TWidth :  struct, IDimension { }
        public void TransposedLinear<TIn, TOut>(Rows<TOut> x, Matrix<TOut, TIn> weight, Rows<TIn> y) where TIn :  struct, IDimension where TOut :  struct, IDimension { }
    }
    public readonly struct Dropout : IEquatable<Dropout>
    {
        public Dropout(float Rate, uint Seed, uint Step, int MicroBatch) { }
        public int MicroBatch { get; init; }
        public float Rate { get; init; }
        public uint Seed { get; init; }
        public uint Step { get; init; }
        public DropoutSite Site(int layer, int site) { }
    }
    public readonly struct DropoutSite : IEquatable<DropoutSite>
    {
        public DropoutSite(Dropout Dropout, int Layer, int Index) { }
        public Dropout Dropout { get; init; }
        public int Index { get; init; }
        public bool IsActive { get; }
        public int Layer { get; init; }
        public float Scale { get; }
        public uint Threshold { get; }
        public RandomStream Words { get; }
    }
    public sealed class ElmoAttribute : ModelAttribute
    {
        public ElmoAttribute() { }
        public float CellClip { get; set; }
        public int Cells { get; set; }
        public int CharacterWidth { get; set; }
        public int[] Filters { get; set; }
        public int HighwayLayers { get; set; }
        public bool NormalizedMix { get; set; }
        public float ProjectionClip { get; set; }
        public int SampledTokens { get; set; }
    }
    public abstract class EncoderTaskModel : Model, ITaskModel, IDisposable
    {
        protected EncoderTaskModel(Device device, ModelDescription description) { }
        public TaskHead Head { get; }
        public abstract ScoringGraph CreateScoring(int sequences, int length);
        public abstract EncoderTaskTrainingGraph CreateTraining(int sequences, int length);
    }
    public abstract class EncoderTaskTrainingGraph : TrainingGraph
    {
        protected EncoderTaskTrainingGraph(EncoderTaskModel model, int sequences, int length, IReadOnlyList<GraphInput> inputs) { }
        public int Examples { get; }
        public int LabelledCount { get; }
        [get: PreserveBaseOverrides]
        public new virtual EncoderTaskModel Model { get; }
        protected abstract Location Scores { get; }
        protected int SpanEndCount { get; }
        protected override sealed void ComputeLogits(int firstRow, int rows) { }
        public void ReadScores(Span<float> scores) { }
        public double ReadTaskLoss() { }
        public void ReadTaskLosses(Span<float> losses) { }
        public void SetExamples(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> tokenTypes, ReadOnlySpan<int> lengths, ReadOnlySpan<int> labels, int averageOver = 0) { }
        public void SetGradedExamples(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> tokenTypes, ReadOnlySpan<int> lengths, ReadOnlySpan<float> grades, int averageOver = 0) { }
        public void SetLabelledRows(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> tokenTypes, ReadOnlySpan<int> lengths, ReadOnlySpan<int> rows, ReadOnlySpan<int> labels, int averageOver = 0) { }
        public void SetSpans(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> tokenTypes, ReadOnlySpan<int> lengths, ReadOnlySpan<int> starts, ReadOnlySpan<int> ends, int averageOver = 0) { }
    }
    public abstract class EncodingGraph : IDisposable
    {
        public Device Device { get; }
        public int DirectedRowCount { get; }
        protected abstract Location FinalStates { get; }
        public virtual Model Model { get; }
        public int RowCount { get; }
        public int Sequences { get; }
        protected Arena Values { get; }
        public void Dispose() { }
        protected Integers IntegersOf(int input, int count) { }
        public void ReadHidden(Span<float> hidden) { }
    }
    public sealed class EntailmentHeadAttribute : TaskHeadAttribute
    {
        public EntailmentHeadAttribute() { }
        public int Labels { get; set; }
    }
    public sealed class Gpt1Attribute : TransformerAttribute
    {
        public Gpt1Attribute() { }
    }
    public sealed class Gpt2Attribute : TransformerAttribute
    {
        public Gpt2Attribute() { }
    }
    public class GptGenException : Exception
    {
        public GptGenException(string message) { }
        public GptGenException(string message, Exception innerException) { }
    }
    public enum GpuPrecision
    {
        Float32 = 0,
        TensorFloat32 = 1,
        BFloat16 = 2,
    }
    public sealed class GraphInput : IEquatable<GraphInput>
    {
        public GraphInput(string Name, InputKind Kind, InputExtent Extent, int Each = 1) { }
        public int Each { get; init; }
        public InputExtent Extent { get; init; }
        public InputKind Kind { get; init; }
        public string Name { get; init; }
        public static nint CountIntegers(IEnumerable<GraphInput> inputs, int rows, int sequences, int sourceRows = 0, int distances = 0) { }
    }
    public readonly struct HeadShape : IEquatable<HeadShape>
    {
        public HeadShape(int Rows, int Chunk, int Width, int Vocabulary, int Stride) { }
        public int Chunk { get; init; }
        public int Rows { get; init; }
        public int Stride { get; init; }
        public int Vocabulary { get; init; }
        public int Width { get; init; }
    }
    public interface ILanguageModel<TSelf> : IModel<TSelf> where TSelf : LanguageModel, ILanguageModel<TSelf> { }
    public interface IModel<TSelf> where TSelf : Model, IModel<TSelf>
    {
        ModelDescription Specification { get; }
        TSelf Create(Device device);
    }
    public interface ITaskModel : IDisposable
    {
        ModelDescription Description { get; }
        TaskHead Head { get; }
        ScoringGraph CreateScoring(int sequences, int length);
    }
    public abstract class InferenceGraph : IDisposable
    {
        protected Arena Cache { get; }
        public int Capacity { get; }
        public Device Device { get; }
        protected Integers DrawnTokens { get; }
        protected Integers Draws { get; }
        protected Location FinalStates { get; set; }
        public virtual bool IsEndless { get; }
        public int LogitRowCapacity { get; }
        public int LogitRows { get; }
        protected virtual IntPtr LogitStride { get; }
        public virtual Model Model { get; }
        public int RowCapacity { get; }
        protected int RowCount { get; }
        protected Integers SeenTokens { get; }
        protected int Sequences { get; }
        public int Slots { get; }
        protected Arena Values { get; }
        protected Arena Workspace { get; }
        public void CopySlot(int from, int to, int positions) { }
        public void CopySlots(ReadOnlySpan<SlotCopy> slots) { }
        public void Decode(ReadOnlySpan<int> tokens, ReadOnlySpan<int> positions, ReadOnlySpan<int> slots) { }
        protected abstract void DecodeRows();
        public void Dispose() { }
        protected virtual void Dispose(bool disposing) { }
        protected Integers IntegersOf(int input, int count) { }
        public int PositionsOf(int slot) { }
        public abstract void Prefill(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<int> slots);
        public void ReadHidden(int row, Span<float> hidden) { }
        public void ReadLogits(int row, Span<float> logits) { }
        public void Sample(ReadOnlySpan<TokenDraw> draws, Span<int> tokens, int limit) { }
        protected abstract void SampleTokens(int limit);
        public void SetSeen(int slot, ReadOnlySpan<int> tokens) { }
    }
    public readonly struct InferenceSize : IEquatable<InferenceSize>
    {
        public InferenceSize(int Slots, int Capacity, int PrefillRows, int LogitRows) { }
        public int Capacity { get; init; }
        public int LogitRowCapacity { get; }
        public int LogitRows { get; init; }
        public int PrefillRows { get; init; }
        public int RowCapacity { get; }
        public int Slots { get; init; }
        public int SourceLength { get; init; }
        public int SourceRows { get; }
        public int Sources { get; init; }
        public double Bytes(ModelDescription model, Func<BufferRole, int> elementSize) { }
        public string Shortage(ModelDescription model, Func<BufferRole, int> elementSize, double free) { }
    }
    public enum Initialization
    {
        Normal = 0,
        Zeros = 1,
        Ones = 2,
        Sinusoids = 3,
        HighwayBias = 4,
    }
    public enum InputExtent
    {
        Row = 0,
        Sequence = 1,
        SourceRow = 2,
        Distance = 3,
        DirectedRow = 4,
        Graph = 5,
    }
    public enum InputKind
    {
        Integers = 0,
        Statistics = 1,
    }
    public abstract class LanguageInferenceGraph : InferenceGraph
    {
        protected LanguageInferenceGraph(LanguageModel model, int slots, int capacity, int prefillRows, int logitRows, IReadOnlyList<GraphInput> inputs) { }
        [get: PreserveBaseOverrides]
        public new virtual LanguageModel Model { get; }
        public override void Prefill(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<int> slots) { }
        protected abstract void PrefillAll();
        public void PrefillAllLogits(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<int> slots) { }
        protected abstract void PrefillLast();
    }
    public abstract class LanguageModel : TextModel
    {
        protected LanguageModel(Device device, ModelDescription description) { }
        public abstract LanguageInferenceGraph CreateInference(int slots, int capacity, int prefillRows, int logitRows);
        public abstract LanguageTrainingGraph CreateTraining(int sequences, int length);
    }
    public abstract class LanguageTrainingGraph : TrainingGraph
    {
        protected LanguageTrainingGraph(LanguageModel model, int sequences, int length, IReadOnlyList<GraphInput> inputs) { }
        [get: PreserveBaseOverrides]
        public new virtual LanguageModel Model { get; }
        public void SetBatch(int sequences, int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, ReadOnlySpan<float> weights = default, ReadOnlySpan<int> lengths = default) { }
    }
    public enum LayerNormPlacement
    {
        Before = 0,
        After = 1,
    }
    public readonly struct LstmRecurrence : IEquatable<LstmRecurrence>
    {
        public LstmRecurrence(TimeDirection Direction, float CellClip, float ProjectionClip) { }
        public float CellClip { get; init; }
        public TimeDirection Direction { get; init; }
        public float ProjectionClip { get; init; }
    }
    public readonly struct LstmShape : IEquatable<LstmShape>
    {
        public LstmShape(int Sequences, int Length, int Cells, int Projection, LstmRecurrence Recurrence) { }
        public int Cells { get; init; }
        public int Length { get; init; }
        public int Projection { get; init; }
        public LstmRecurrence Recurrence { get; init; }
        public int Rows { get; }
        public int Sequences { get; init; }
    }
    public readonly struct LstmState : IEquatable<LstmState>
    {
        public LstmState(Location Cells, Location Projected) { }
        public Location Cells { get; init; }
        public Location Projected { get; init; }
    }
    public abstract class MaskedEncodingGraph : EncodingGraph
    {
        protected MaskedEncodingGraph(MaskedModel model, int sequences, int length, IReadOnlyList<GraphInput> inputs, Func<int, int, IntPtr> valueElements) { }
        [get: PreserveBaseOverrides]
        public new virtual MaskedModel Model { get; }
        protected abstract Location PooledStates { get; }
        public void Encode(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> tokenTypes, ReadOnlySpan<int> lengths) { }
        protected abstract void EncodeRows();
        public void ReadPooled(Span<float> pooled) { }
    }
    public abstract class MaskedModel : Model
    {
        protected MaskedModel(Device device, ModelDescription description) { }
        public abstract MaskedEncodingGraph CreateEncoding(int sequences, int length);
        public abstract MaskedTrainingGraph CreateTraining(int sequences, int length);
    }
    public abstract class MaskedTrainingGraph : TrainingGraph
    {
        protected MaskedTrainingGraph(MaskedModel model, int sequences, int length, IReadOnlyList<GraphInput> inputs) { }
        [get: PreserveBaseOverrides]
        public new virtual MaskedModel Model { get; }
        protected abstract Location NextScores { get; }
        protected abstract Location PooledStates { get; }
        public int PredictionCount { get; }
        public int ReadRowCount { get; }
        public void ReadNextScores(Span<float> scores) { }
        public void ReadPooled(Span<float> pooled) { }
        public double ReadPredictionLoss() { }
        public void ReadSequenceLosses(Span<float> losses) { }
        public void SetBatch(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> tokenTypes, ReadOnlySpan<int> lengths, ReadOnlySpan<int> predictedRows, ReadOnlySpan<int> predictedTokens, ReadOnlySpan<int> nextLabels, float predictionWeight = 0, float sequenceWeight = 0) { }
    }
    public static class MessageText
    {
        public static string OneLine(string text) { }
    }
    public readonly struct MixShape : IEquatable<MixShape>
    {
        public MixShape(int Layers, int Rows, int Width) { }
        public IntPtr Count { get; }
        public float Epsilon { get; init; }
        public bool IsNormalized { get; }
        public int Layers { get; init; }
        public int Length { get; init; }
        public int Rows { get; init; }
        public int Sequences { get; init; }
        public int Width { get; init; }
    }
    public abstract class Model : IDisposable
    {
        protected Model(Device device, ModelDescription description) { }
        public ModelDescription Description { get; }
        public Device Device { get; }
        public Arena Parameters { get; }
        public void Dispose() { }
        public void Initialize(uint seed) { }
        public float[] ReadParameter(string name) { }
        public void WriteParameter(string name, ReadOnlySpan<float> values) { }
    }
    [AttributeUsage(Class, Inherited=false)]
    public abstract class ModelAttribute : Attribute
    {
        public int Context { get; set; }
        public float Dropout { get; set; }
        public int Layers { get; set; }
        public int Vocabulary { get; set; }
        public int Width { get; set; }
    }
    public sealed class ModelDescription : IEquatable<ModelDescription>
    {
        public ModelDescription() { }
        [TupleElementNames(new string[] { "Name", "Size"})]
        public IReadOnlyList<ValueTuple<string, int>> AbsentBiases { get; init; }
        public required Activation Activation { get; init; }
        public required bool Biases { get; init; }
        public int CharactersPerToken { get; init; }
        public int ClampLength { get; init; }
        public required IReadOnlyList<ConfigKey> Config { get; init; }
        public required int Context { get; init; }
        public IReadOnlyList<int> Cutoffs { get; init; }
        public required IntPtr DecayedElements { get; init; }
        public int Distances { get; init; }
        public required float Dropout { get; init; }
        public int EmbeddingDivisor { get; init; }
        public int EncoderLayers { get; init; }
        public int? EndToken { get; init; }
        public required float Epsilon { get; init; }
        public required string Family { get; init; }
        public TaskHead? Head { get; init; }
        public required int Heads { get; init; }
        public required int HiddenWidth { get; init; }
        [TupleElementNames(new string[] { "Role", "Elements"})]
        public Func<InferenceSize, IReadOnlyList<ValueTuple<BufferRole, IntPtr>>> InferenceElements { get; init; }
        public required LayerNormPlacement LayerNorm { get; init; }
        public required int Layers { get; init; }
        public required IReadOnlyList<OperatorUse> Manifest { get; init; }
        public int MemoryLength { get; init; }
        public required string Name { get; init; }
        public required TensorNaming Naming { get; init; }
        public required long ParameterCount { get; init; }
        public required IntPtr ParameterElements { get; init; }
        public required IReadOnlyList<ParameterInfo> Parameters { get; init; }
        public int? StartToken { get; init; }
        public int StateElements { get; init; }
        public IEnumerable<ParameterInfo> Tensors { get; }
        public required bool TiedHead { get; init; }
        public int TokenTypes { get; init; }
        public string? Tokenizer { get; init; }
        public required IntPtr TrainedElements { get; init; }
        [TupleElementNames(new string[] { "Role", "Elements"})]
        public required Func<int, int, int, IReadOnlyList<ValueTuple<BufferRole, IntPtr>>> TrainingElements { get; init; }
        public required int Vocabulary { get; init; }
        public required int Width { get; init; }
        public ParameterInfo FindParameter(string name) { }
        public double TrainingFlopsPerToken(int length) { }
    }
    public sealed class MultipleChoiceHeadAttribute : TaskHeadAttribute
    {
        public MultipleChoiceHeadAttribute() { }
        public int Choices { get; set; }
    }
    public sealed class OperatorUse : IEquatable<OperatorUse>
    {
        public OperatorUse(string Operator, params int[] Widths) { }
        public Activation Activation { get; init; }
        public int HeadSize { get; init; }
        public AttentionMask Mask { get; init; }
        public string Operator { get; init; }
        public int[] Widths { get; init; }
    }
    public sealed class ParameterInfo : IEquatable<ParameterInfo>
    {
        public ParameterInfo(string Name, nint Offset, int Rows, int Columns, StoredLayout Layout, Initialization Initialization, float Deviation) { }
        public int Columns { get; init; }
        public IntPtr Count { get; }
        public float Deviation { get; init; }
        public Initialization Initialization { get; init; }
        public bool IsFrozen { get; init; }
        public bool IsMatrix { get; }
        public bool IsStored { get; }
        public int? Layer { get; init; }
        public StoredLayout Layout { get; init; }
        public string Name { get; init; }
        public IntPtr Offset { get; init; }
        public int Rows { get; init; }
        public IReadOnlyList<long> StoredShape { get; }
        public IReadOnlyList<StoredTensor> Tensors { get; init; }
        public int Window { get; init; }
    }
    public sealed class QuestionAnsweringHeadAttribute : TaskHeadAttribute
    {
        public QuestionAnsweringHeadAttribute() { }
    }
    public enum Recomputation
    {
        None = 0,
        Activations = 1,
        ActivationsAndLayerNorms = 2,
    }
    public sealed class RecurrentState : IDisposable
    {
        public BidirectionalModel Model { get; }
        public int Sequences { get; }
        public void Dispose() { }
        public void Read(int layer, TimeDirection direction, Span<float> cells, Span<float> outputs) { }
        public void Reset() { }
    }
    public readonly struct RelativeGradients : IEquatable<RelativeGradients>
    {
        public RelativeGradients(Location Qkv, Location Distances, int DistanceRows, Location ContentBias, Location PositionBias, GradientWrite BiasWrite) { }
        public GradientWrite BiasWrite { get; init; }
        public Location ContentBias { get; init; }
        public int DistanceRows { get; init; }
        public Location Distances { get; init; }
        public Location PositionBias { get; init; }
        public Location Qkv { get; init; }
    }
    public readonly struct RelativeInputs : IEquatable<RelativeInputs>
    {
        public RelativeInputs(Location Qkv, Location Distances, Location ContentBias, Location PositionBias, int Window) { }
        public Location ContentBias { get; init; }
        public Location Distances { get; init; }
        public Location PositionBias { get; init; }
        public Location Qkv { get; init; }
        public int Window { get; init; }
    }
    public readonly struct SampledTokens : IEquatable<SampledTokens>
    {
        public SampledTokens(Location Tokens, Location Logs, Location TargetLogs, int Count) { }
        public int Count { get; init; }
        public Location Logs { get; init; }
        public Location TargetLogs { get; init; }
        public Location Tokens { get; init; }
    }
    public readonly struct SamplingShape : IEquatable<SamplingShape>
    {
        public SamplingShape(int Draws, int Limit, int Vocabulary, int Stride) { }
        public int Draws { get; init; }
        public int Limit { get; init; }
        public int Stride { get; init; }
        public int Vocabulary { get; init; }
        public static int SeenWords(int vocabulary) { }
    }
    public abstract class ScoringGraph : EncodingGraph
    {
        protected ScoringGraph(Model model, int sequences, int length, IReadOnlyList<GraphInput> inputs, Func<int, int, IntPtr> valueElements) { }
        protected ScoringGraph(Model model, int sequences, int length, IReadOnlyList<GraphInput> inputs, Func<int, int, int, IntPtr> valueElements) { }
        public int Examples { get; }
        public int LabelledCount { get; }
        protected int MemberCount { get; }
        protected int PooledCount { get; }
        protected abstract Location Scores { get; }
        public void ReadScores(Span<float> scores) { }
        public void Score(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths) { }
        public void Score(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> tokenTypes, ReadOnlySpan<int> lengths, ReadOnlySpan<int> rows = default) { }
        protected abstract void ScoreExamples();
    }
    public abstract class SegmentInferenceGraph : InferenceGraph
    {
        protected SegmentInferenceGraph(SegmentModel model, int slots, int capacity, IReadOnlyList<GraphInput> inputs) { }
        public bool BeginsWithZeros { get; set; }
        public CancellationToken Cancellation { get; set; }
        public int DistanceCount { get; }
        public override bool IsEndless { get; }
        [get: PreserveBaseOverrides]
        public new virtual SegmentModel Model { get; }
        protected int ProjectedDistancesRowCount { get; }
        protected int ClusterTokenCount(int cluster) { }
        protected override void Dispose(bool disposing) { }
        public override void Prefill(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<int> slots) { }
        protected abstract void ProjectDistances();
        protected Location ProjectedDistancesOf(int layer) { }
        protected abstract void ReadRows();
    }
    public sealed class SegmentMemory : IDisposable
    {
        public int Capacity { get; }
        public int Length { get; }
        public SegmentModel Model { get; }
        public int Sequences { get; }
        public void Dispose() { }
        public void Read(int layer, Span<float> rows) { }
        public void Reset(int zeroRows = 0) { }
        public void Write(int layer, int length, ReadOnlySpan<float> rows) { }
    }
    public abstract class SegmentModel : TextModel
    {
        protected SegmentModel(Device device, ModelDescription description) { }
        public abstract SegmentInferenceGraph CreateInference(int slots, int capacity);
        public SegmentMemory CreateMemory(int sequences, int? capacity = default) { }
        public abstract SegmentTrainingGraph CreateTraining(int sequences, int length);
        public void ReverseClusters() { }
    }
    public abstract class SegmentTrainingGraph : TrainingGraph
    {
        protected SegmentTrainingGraph(SegmentModel model, int sequences, int length, IReadOnlyList<GraphInput> inputs) { }
        public int DistanceCount { get; }
        public int JoinedRowCount { get; }
        protected int MemoryRowCount { get; }
        [get: PreserveBaseOverrides]
        public new virtual SegmentModel Model { get; }
        protected int NextMemoryRowCount { get; }
        public bool SameLength { get; set; }
        protected int Window { get; }
        public void AdvanceMemory() { }
        protected int ClusterTargetCount(int cluster) { }
        protected int ClusterTokenCount(int cluster) { }
        protected Location MemoryOf(int layer) { }
        protected Location NextMemoryOf(int layer) { }
        public void SetBatch(SegmentMemory? memory, int sequences, int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, ReadOnlySpan<float> weights = default) { }
    }
    public sealed class Seq2SeqAttribute : TransformerAttribute
    {
        public Seq2SeqAttribute() { }
        public int DecoderLayers { get; set; }
        public int EndToken { get; set; }
        public int StartToken { get; set; }
    }
    public readonly struct SequenceSlice : IEquatable<SequenceSlice>
    {
        public SequenceSlice(Location Start, int Length, int First) { }
        public int First { get; init; }
        public int Length { get; init; }
        public Location Start { get; init; }
    }
    public sealed class SimilarityHeadAttribute : TaskHeadAttribute
    {
        public SimilarityHeadAttribute() { }
        public int Labels { get; set; }
    }
    public readonly struct SlotCopy : IEquatable<SlotCopy>
    {
        public SlotCopy(int From, int To, int Positions) { }
        public int From { get; init; }
        public int Positions { get; init; }
        public int To { get; init; }
    }
    public readonly struct SpecialTokens : IEquatable<SpecialTokens>
    {
        public const int Count = 3;
        public SpecialTokens(int Start) { }
        public int Classify { get; }
        public int Delimiter { get; }
        public int Start { get; init; }
        public int[] Frame(ReadOnlySpan<int> text) { }
        public int[] Frame(ReadOnlySpan<int> first, ReadOnlySpan<int> second) { }
    }
    public enum StoredLayout
    {
        Linear = 0,
        Conv1D = 1,
        Row = 2,
        StackedConv1D = 3,
        Convolution = 4,
    }
    public sealed class StoredTensor : IEquatable<StoredTensor>
    {
        public StoredTensor(string Name, int FirstRow, int Rows, StoredLayout Layout) { }
        public int FirstRow { get; init; }
        public StoredLayout Layout { get; init; }
        public string Name { get; init; }
        public int Rows { get; init; }
    }
    public sealed class TaskHead : IEquatable<TaskHead>
    {
        public TaskHead(TaskKind Kind, int Classes, float LanguageModelWeight, SpecialTokens? Tokens) { }
        public int Classes { get; init; }
        public bool IsFramedByEnds { get; init; }
        public bool IsGraded { get; }
        public TaskKind Kind { get; init; }
        public float LanguageModelWeight { get; init; }
        public int PooledRowsPerExample { get; }
        public int SequencesPerExample { get; }
        public int TextsPerExample { get; }
        public SpecialTokens? Tokens { get; init; }
        public int[][] Encode([ParamCollection] [ScopedRef] ReadOnlySpan<int[]> texts) { }
        public SequencePair[] Encode(WordPieceTokenizer tokenizer, [ParamCollection] [ScopedRef] ReadOnlySpan<int[]> texts) { }
    }
    [AttributeUsage(Class, Inherited=false)]
    public abstract class TaskHeadAttribute : Attribute
    {
        public float LanguageModelWeight { get; set; }
    }
    public enum TaskKind
    {
        Classification = 0,
        Entailment = 1,
        Similarity = 2,
        MultipleChoice = 3,
        TokenClassification = 4,
        QuestionAnswering = 5,
    }
    public abstract class TaskModel : LanguageModel, ITaskModel, IDisposable
    {
        protected TaskModel(Device device, ModelDescription description) { }
        public TaskHead Head { get; }
        public abstract ScoringGraph CreateScoring(int sequences, int length);
        [PreserveBaseOverrides]
        public new abstract TaskTrainingGraph CreateTraining(int sequences, int length);
    }
    public abstract class TaskTrainingGraph : LanguageTrainingGraph
    {
        protected TaskTrainingGraph(TaskModel model, int sequences, int length, IReadOnlyList<GraphInput> inputs) { }
        public int Examples { get; }
        public float LanguageModelWeight { get; set; }
        protected int MemberCount { get; }
        protected int PooledCount { get; }
        protected abstract Location Scores { get; }
        public override double ReadLoss() { }
        public void ReadScores(Span<float> scores) { }
        public double ReadTaskLoss() { }
        public void ReadTaskLosses(Span<float> losses) { }
        public void SetExamples(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<int> labels, int averageOver = 0) { }
        public void SetGradedExamples(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<float> grades, int averageOver = 0) { }
    }
    public sealed class TensorAlias : IEquatable<TensorAlias>
    {
        public TensorAlias(string Name, string Meaning) { }
        public string Meaning { get; init; }
        public string Name { get; init; }
    }
    public sealed class TensorNaming : IEquatable<TensorNaming>
    {
        public TensorNaming() { }
        public IReadOnlyList<TensorAlias> Aliases { get; init; }
        public IReadOnlyList<string> ClusterTensors { get; init; }
        public IReadOnlyList<TensorAlias> Copies { get; init; }
        public IReadOnlyList<string> Heads { get; init; }
        public IReadOnlyList<string> Ignored { get; init; }
        public string LayerPrefix { get; init; }
        public IReadOnlyList<string> OptionalParts { get; init; }
        public string Prefix { get; init; }
        public IReadOnlyList<string> TokenTensors { get; init; }
    }
    public abstract class TextModel : Model { }
    public enum TimeDirection
    {
        Forward = 0,
        Backward = 1,
    }
    public sealed class TokenClassificationHeadAttribute : TaskHeadAttribute
    {
        public TokenClassificationHeadAttribute() { }
        public int Labels { get; set; }
    }
    public abstract class TrainingGraph : IDisposable
    {
        protected TrainingGraph(Model model, int sequences, int length, IReadOnlyList<GraphInput> inputs) { }
        public int Capacity { get; }
        public Device Device { get; }
        public int DirectedRowCount { get; }
        public Dropout Dropout { get; set; }
        protected virtual int FinalStateCount { get; }
        protected abstract Location FinalStates { get; }
        public Arena Gradients { get; }
        public float LabelSmoothing { get; set; }
        public int Length { get; }
        public virtual Model Model { get; }
        public int RowCount { get; }
        protected Arena Saved { get; }
        public int SequenceCapacity { get; }
        public int Sequences { get; }
        protected Arena Values { get; }
        protected Arena Workspace { get; }
        public void Backward(bool accumulate) { }
        protected abstract void ComputeBackward(bool accumulate);
        protected abstract void ComputeForward();
        protected virtual void ComputeLogits(int firstRow, int rows) { }
        protected abstract void ComputeLoss();
        public void Dispose() { }
        protected virtual void Dispose(bool disposing) { }
        public void Forward() { }
        protected Integers IntegersOf(int input, int count) { }
        protected void LayerDone(int layer) { }
        protected int LogitRowsOf(int rows) { }
        public void Loss() { }
        public float[] ReadGradient(string name) { }
        public void ReadHidden(Span<float> hidden) { }
        public void ReadHidden(int layer, Span<float> hidden) { }
        public void ReadLogits(Span<float> logits) { }
        public virtual double ReadLoss() { }
        public void ReadLosses(Span<float> losses) { }
        public void ReadMostProbable(Span<int> tokens) { }
        protected abstract Location StatesOf(int layer);
        protected Statistics StatisticsOf(int input, int count) { }
    }
    public abstract class TransformerAttribute : ModelAttribute
    {
        public Activation Activation { get; set; }
        public bool Biases { get; set; }
        public float Epsilon { get; set; }
        public int Heads { get; set; }
        public int HiddenWidth { get; set; }
        public float InitialDeviation { get; set; }
        public LayerNormPlacement LayerNorm { get; set; }
        public Recomputation Recompute { get; set; }
        public bool TiedHead { get; set; }
    }
    public sealed class TransformerXLAttribute : TransformerAttribute
    {
        public TransformerXLAttribute() { }
        public int ClampLength { get; set; }
        public int[] Cutoffs { get; set; }
        public int EmbeddingDivisor { get; set; }
        public int MemoryLength { get; set; }
        public bool UntiedBiases { get; set; }
        public bool UntiedProjections { get; set; }
    }
    public abstract class TranslationInferenceGraph : InferenceGraph
    {
        protected TranslationInferenceGraph(TranslationModel model, int slots, int capacity, int sources, int sourceLength, IReadOnlyList<GraphInput> inputs) { }
        [get: PreserveBaseOverrides]
        public new virtual TranslationModel Model { get; }
        protected Arena SourceCache { get; }
        public int SourceCapacity { get; }
        protected int SourceRowCount { get; }
        public int Sources { get; }
        protected override void Dispose(bool disposing) { }
        public override void Prefill(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<int> slots) { }
        protected abstract void ReadSources();
    }
    public abstract class TranslationModel : Model
    {
        protected TranslationModel(Device device, ModelDescription description) { }
        public abstract TranslationInferenceGraph CreateInference(int slots, int capacity, int sources, int sourceLength);
        public abstract TranslationTrainingGraph CreateTraining(int sequences, int length);
    }
    public abstract class TranslationTrainingGraph : TrainingGraph
    {
        protected TranslationTrainingGraph(TranslationModel model, int sequences, int length, IReadOnlyList<GraphInput> inputs) { }
        [get: PreserveBaseOverrides]
        public new virtual TranslationModel Model { get; }
        public int SourceLength { get; }
        public int SourceRowCount { get; }
        public void ReadSourceHidden(int layer, Span<float> hidden) { }
        public void SetBatch(int sourceLength, ReadOnlySpan<int> source, ReadOnlySpan<int> sourceLengths, int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, ReadOnlySpan<int> lengths, ReadOnlySpan<float> weights = default) { }
        protected abstract Location SourceStatesOf(int layer);
    }
}
namespace GptGen.Checkpoints
{
    public static class AtomicFile
    {
        public const string TemporarySuffix = ".tmp";
        public static void Write(string path, Action<Stream> write) { }
    }
    public enum ElementType
    {
        F32 = 0,
        F16 = 1,
        BF16 = 2,
        Q8_0 = 3,
        IQ4_NL = 4,
    }
    public static class LlmcCheckpoint
    {
        public const string Extension = ".bin";
        public static void Load(Model model, string path) { }
        public static void Save(Model model, string path, ElementType type = 0) { }
    }
    public static class ModelCheckpoint
    {
        public static IReadOnlyList<string> FindMissingParts(string path, ModelDescription model) { }
        public static ModelDescription? FindModel(string path, IEnumerable<ModelDescription> models) { }
        public static void Load(Model model, string path, Action<string>? note = null) { }
        public static void LoadPretrained(ITaskModel model, string path, Action<string>? note = null) { }
        public static string? ReadRunOptions(string path) { }
        public static void Save(Model model, string path, ElementType type = 0, Tokenizer? tokenizer = null) { }
    }
    public static class ModelConfig
    {
        public const string FileName = "config.json";
        public static void Check(string path, ModelDescription model, Action<string>? note = null) { }
        public static string Format(ModelDescription model, ElementType type = 0, Tokenizer? tokenizer = null) { }
    }
    public sealed class SafetensorsFile : IDisposable
    {
        public SafetensorsTensor this[string name] { get; }
        public IReadOnlyDictionary<string, string> Metadata { get; }
        public string Path { get; }
        public IReadOnlyList<SafetensorsTensor> Tensors { get; }
        public void Dispose() { }
        public SafetensorsTensor? Find(string name) { }
        public void Read(SafetensorsTensor tensor, long first, Span<float> destination) { }
        public float[] ReadAll(string name) { }
        public static SafetensorsFile Open(string path) { }
    }
    public sealed class SafetensorsTensor : IEquatable<SafetensorsTensor>
    {
        public SafetensorsTensor(string Name, string Type, IReadOnlyList<long> Shape, long Count, long Offset, long ByteCount) { }
        public long ByteCount { get; init; }
        public long Count { get; init; }
        public string Name { get; init; }
        public long Offset { get; init; }
        public IReadOnlyList<long> Shape { get; init; }
        public string ShapeText { get; }
        public string Type { get; init; }
    }
    public static class SafetensorsWriter
    {
        public static void Write(string path, IReadOnlyList<TensorSource> tensors, ElementType type = 0, IReadOnlyDictionary<string, string>? metadata = null) { }
    }
    public delegate void TensorReader(long first, Span<float> values);
    public sealed class TensorSource : IEquatable<TensorSource>
    {
        public TensorSource(string Name, IReadOnlyList<long> Shape, TensorReader Read) { }
        public long Count { get; }
        public string Name { get; init; }
        public TensorReader Read { get; init; }
        public IReadOnlyList<long> Shape { get; init; }
    }
    public static class TrainingCheckpoint
    {
        public const string BestName = "best.safetensors";
        public static string? FindLatest(string folder) { }
        [return: TupleElementNames(new string[] { "Step", "Path"})]
        public static IReadOnlyList<ValueTuple<long, string>> List(string folder) { }
        public static TrainingState Load(string path, Model model, Arena firstMoments, Arena secondMoments) { }
        public static TrainingState ReadState(string path) { }
        public static string Save(string folder, Model model, Arena firstMoments, Arena secondMoments, TrainingState state, int keep = 2147483647) { }
    }
    public sealed class TrainingState : IEquatable<TrainingState>
    {
        public TrainingState() { }
        public double BestLoss { get; init; }
        public long BestStep { get; init; }
        public required long DataPosition { get; init; }
        public string Options { get; init; }
        public required uint Seed { get; init; }
        public int Shares { get; init; }
        public required long Step { get; init; }
        public TrainingProgress? Unevaluated { get; init; }
    }
}
namespace GptGen.Distributed
{
    public abstract class Communicator : IDisposable
    {
        public abstract string Engine { get; }
        public abstract string Host { get; }
        public bool IsFirst { get; }
        public abstract int Rank { get; }
        public abstract int Size { get; }
        public abstract void Abort(int code);
        public void Broadcast(Span<byte> bytes) { }
        public void Dispose() { }
        protected abstract void Dispose(bool disposing);
        public abstract void Exchange(ReadOnlySpan<double> own, Span<double> all);
        public static Communicator? Start() { }
    }
}
namespace GptGen.Evaluation
{
    public sealed class BleuScore : IEquatable<BleuScore>
    {
        public double BrevityPenalty { get; }
        public long HypothesisLength { get; }
        public IReadOnlyList<long> Matches { get; }
        public IReadOnlyList<double> Precisions { get; }
        public long ReferenceLength { get; }
        public int References { get; }
        public double Score { get; }
        public string Signature { get; }
        public IReadOnlyList<long> Totals { get; }
        public override string ToString() { }
    }
    public static class ChoiceEvaluator
    {
        public static IEnumerable<ChoiceResult> Evaluate(LanguageModel model, Tokenizer tokenizer, IReadOnlyList<ChoiceExample> examples, int batch, CancellationToken cancellation = default) { }
    }
    public sealed class ChoiceExample : IEquatable<ChoiceExample>
    {
        public ChoiceExample(string Context, IReadOnlyList<string> Continuations, int Answer) { }
        public int Answer { get; init; }
        public string Context { get; init; }
        public IReadOnlyList<string> Continuations { get; init; }
        public string? Place { get; init; }
    }
    public readonly struct ChoiceResult : IEquatable<ChoiceResult>
    {
        public ChoiceResult(bool IsCorrect, bool IsCorrectByMean) { }
        public bool IsCorrect { get; init; }
        public bool IsCorrectByMean { get; init; }
    }
    public sealed class ChrfScore : IEquatable<ChrfScore>
    {
        public double Precision { get; }
        public double Recall { get; }
        public int References { get; }
        public double Score { get; }
        public string Signature { get; }
        public override string ToString() { }
    }
    public sealed class Continuation
    {
        public Continuation(int[] tokens, int predicted) { }
        public int Length { get; }
        public int Predicted { get; }
        public int[] Tokens { get; }
        public static Continuation Of(Tokenizer tokenizer, string context, string continuation, int positions) { }
    }
    public sealed class ContinuationScorer : IDisposable
    {
        public ContinuationScorer(LanguageModel model, int batch, int length) { }
        public void Dispose() { }
        public void Score(IReadOnlyList<Continuation> continuations, Span<double> logLikelihoods, CancellationToken cancellation = default) { }
    }
    public static class EvaluationFiles
    {
        public static IEnumerable<ChoiceExample> ChildrensBooks(string path) { }
        public static IEnumerable<ChoiceExample> HellaSwag(string path) { }
        public static IEnumerable<LastWordExample> LastWords(string path) { }
    }
    public static class LastWordEvaluator
    {
        public static IEnumerable<LastWordResult> Evaluate(LanguageModel model, Tokenizer tokenizer, IReadOnlyList<LastWordExample> examples, int batch, IReadOnlySet<string>? stopWords = null, CancellationToken cancellation = default) { }
    }
    public sealed class LastWordExample : IEquatable<LastWordExample>
    {
        public LastWordExample(string Context, string Word) { }
        public string Context { get; init; }
        public string? Place { get; init; }
        public string Word { get; init; }
        public static LastWordExample? Of(string passage) { }
    }
    public readonly struct LastWordResult : IEquatable<LastWordResult>
    {
        public LastWordResult(double LogLikelihood, bool IsCorrect, bool IsCorrectWithoutStopWords) { }
        public bool IsCorrect { get; init; }
        public bool IsCorrectWithoutStopWords { get; init; }
        public double LogLikelihood { get; init; }
    }
    public readonly struct PredictedTokens : IEquatable<PredictedTokens>
    {
        public PredictedTokens(long Count, double LogLikelihood) { }
        public long Count { get; init; }
        public double LogLikelihood { get; init; }
        public double Loss { get; }
        public double PerplexityPer(long units) { }
    }
    public static class StopWords
    {
        public static IReadOnlySet<string> English { get; }
    }
    public static class TextPerplexity
    {
        public static IEnumerable<PredictedTokens> Evaluate(LanguageModel model, TokenSource tokens, int batch, int stride, CancellationToken cancellation = default) { }
        public static IEnumerable<PredictedTokens> Evaluate(LanguageModel model, TokenSource tokens, int batch, int stride, int? unscored, CancellationToken cancellation = default) { }
    }
    public sealed class TranslationScore : IEquatable<TranslationScore>
    {
        public TranslationScore(BleuScore Bleu, ChrfScore Chrf) { }
        public BleuScore Bleu { get; init; }
        public ChrfScore Chrf { get; init; }
        public static TranslationScore Of(IReadOnlyList<string> hypotheses, params IReadOnlyList<string>[] references) { }
    }
}
namespace GptGen.Features
{
    public enum FeaturePooling
    {
        Mean = 0,
        LastToken = 1,
        FirstToken = 2,
    }
    public sealed class LayerFeatures
    {
        public LayerFeatures(BidirectionalModel model) { }
        public float Gamma { get; init; }
        public bool IsNormalized { get; init; }
        public IReadOnlyList<float> Weights { get; init; }
        public float[] Compute(ReadOnlySpan<int> tokens, int? layer = default) { }
        public static LayerFeatures WithLearnedMix(BidirectionalModel model, string weights) { }
    }
    public sealed class TextFeatures
    {
        public TextFeatures(LanguageModel model, Tokenizer tokenizer, FeaturePooling pooling = 0) { }
        public TextFeatures(MaskedModel model, WordPieceTokenizer tokenizer, FeaturePooling pooling = 0) { }
        public bool IsNormalized { get; init; }
        public Model Model { get; }
        public FeaturePooling Pooling { get; }
        public Tokenizer Tokenizer { get; }
        public IReadOnlyList<TextVector> Compute(IEnumerable<string> texts, CancellationToken cancellation = default) { }
    }
    public readonly struct TextVector : IEquatable<TextVector>
    {
        public TextVector(float[] Values, int Tokens) { }
        public int Tokens { get; init; }
        public float[] Values { get; init; }
    }
}
namespace GptGen.Finetuning
{
    public static class AnswerMatch
    {
        [return: TupleElementNames(new string[] { "IsExact", "F1"})]
        public static ValueTuple<bool, double> Of(string answer, IEnumerable<string> right) { }
        public static string[] Words(string text) { }
    }
    public sealed class AnswerSpans : TaskTargets
    {
        public AnswerSpans(bool mayBeMissing) { }
        public override bool AreNumbers { get; }
        public bool MayBeMissing { get; }
        public override int Outputs { get; }
        public string AnswerOf(IEnumerable<EncodedExample> parts, IEnumerable<float[]> predictions) { }
        public override IReadOnlyList<TaskExample> PassOverUnknown(IReadOnlyList<TaskExample> examples, Action<string>? note = null) { }
        public static AnswerSpans Of(IEnumerable<TaskExample> examples) { }
    }
    public enum BestBy
    {
        Accuracy = 0,
        F1 = 1,
        Matthews = 2,
        Pearson = 3,
        Spearman = 4,
        Loss = 5,
    }
    public readonly struct ClassMetrics : IEquatable<ClassMetrics>
    {
        public ClassMetrics(string Label, int Support, double Precision, double Recall) { }
        public double F1 { get; }
        public string Label { get; init; }
        public double Precision { get; init; }
        public double Recall { get; init; }
        public int Support { get; init; }
    }
    public sealed class EncodedExample : IEquatable<EncodedExample>
    {
        public EncodedExample(int[][] Sequences, int Label) { }
        public int End { get; init; }
        public float Grade { get; init; }
        public bool IsLabelled { get; }
        public int Label { get; init; }
        public int Length { get; }
        public int[] Positions { get; init; }
        public int[][] Sequences { get; init; }
        public int Start { get; init; }
        public int[] TokenLabels { get; init; }
        public int[][] TokenTypes { get; init; }
    }
    public sealed class ExampleEncoder
    {
        public ExampleEncoder(TaskHead head, Tokenizer tokenizer, TaskTargets targets, int length, bool truncate) { }
        public EncodedExample Encode(TaskExample example) { }
        public IReadOnlyList<EncodedExample> Encode(IEnumerable<TaskExample> examples) { }
        public IEnumerable<EncodedExample> EncodeParts(TaskExample example) { }
    }
    public static class ExampleSplit
    {
        [return: TupleElementNames(new string[] { "Training", "Validation"})]
        public static ValueTuple<IReadOnlyList<TaskExample>, IReadOnlyList<TaskExample>> Of(IReadOnlyList<TaskExample> examples, double share, uint seed) { }
    }
    public sealed class FinetunedTask : IEquatable<FinetunedTask>
    {
        public const string FileName = "task.json";
        public FinetunedTask(TaskKind Kind, string Model, string Tokenizer, int Length, bool Truncate, TaskColumns Columns, TaskTargets Targets) { }
        public TaskColumns Columns { get; init; }
        public TaskKind Kind { get; init; }
        public int Length { get; init; }
        public string Model { get; init; }
        public TaskTargets Targets { get; init; }
        public string Tokenizer { get; init; }
        public bool Truncate { get; init; }
        public void Save(string folder) { }
        public static FinetunedTask Load(string folder) { }
    }
    public sealed class Finetuner : IDisposable
    {
        public Finetuner(ITaskModel model, IReadOnlyList<EncodedExample> training, IReadOnlyList<EncodedExample> validation, TaskTargets targets, FinetuningOptions options, Action<TaskMetrics> keepBest, Communicator? communicator = null) { }
        public TaskMetrics? Best { get; }
        public int Steps { get; }
        public bool StoppedEarly { get; }
        public bool WasInterrupted { get; }
        public void Dispose() { }
        public IEnumerable<FinetuningProgress> Run(CancellationToken cancellation = default) { }
    }
    public sealed class FinetuningOptions : IEquatable<FinetuningOptions>
    {
        public FinetuningOptions() { }
        public int Batch { get; init; }
        public BestBy? BestBy { get; init; }
        public double Beta2 { get; init; }
        public double Clip { get; init; }
        public double Dropout { get; init; }
        public int Epochs { get; init; }
        public int EvaluationsPerEpoch { get; init; }
        public int ExamplesAtOnce { get; }
        public double? LanguageModelWeight { get; init; }
        public double LearningRate { get; init; }
        public required int Length { get; init; }
        public int MicroBatch { get; init; }
        public int Patience { get; init; }
        public uint Seed { get; init; }
        public int Shares { get; init; }
        public double Warmup { get; init; }
        public double WeightDecay { get; init; }
        public void Validate(ModelDescription model) { }
    }
    public readonly struct FinetuningProgress : IEquatable<FinetuningProgress>
    {
        public FinetuningProgress(int Step, int Steps, double Loss, double TaskLoss, TaskMetrics? Validation, bool IsBest) { }
        public required double Epoch { get; init; }
        public bool IsBest { get; init; }
        public double Loss { get; init; }
        public int Step { get; init; }
        public int Steps { get; init; }
        public double TaskLoss { get; init; }
        public TaskMetrics? Validation { get; init; }
    }
    public sealed class GradeScale : TaskTargets
    {
        public GradeScale(double mean, double deviation) { }
        public override bool AreNumbers { get; }
        public double Deviation { get; }
        public double Mean { get; }
        public override int Outputs { get; }
        public double GradeOf(float score) { }
        public static GradeScale Of(IEnumerable<TaskExample> examples) { }
    }
    public sealed class LabelSet : TaskTargets
    {
        public LabelSet(IReadOnlyList<string> names) { }
        public override bool AreNumbers { get; }
        public IReadOnlyList<string> Names { get; }
        public override int Outputs { get; }
        public IReadOnlyList<double>? Values { get; }
        public int IndexOf(TaskExample example) { }
        public static LabelSet Of(IEnumerable<TaskExample> examples, Action<string>? note = null) { }
        public static LabelSet OfChoices(IReadOnlyList<TaskExample> examples, int choices, Action<string>? note = null) { }
    }
    public sealed class TagCounts
    {
        public TagCounts() { }
        public void AddText(IReadOnlyList<string> right, IReadOnlyList<string> predicted) { }
        public TaskMetrics Metrics() { }
        [return: TupleElementNames(new string[] { "Type", "First", "Last"})]
        public static IReadOnlyList<ValueTuple<string, int, int>> EntitiesOf(IReadOnlyList<string> tags) { }
    }
    public sealed class TagSet : TaskTargets
    {
        public TagSet(IReadOnlyList<string> names) { }
        public override bool AreNumbers { get; }
        public IReadOnlyList<string> Names { get; }
        public override int Outputs { get; }
        public override IReadOnlyList<TaskExample> PassOverUnknown(IReadOnlyList<TaskExample> examples, Action<string>? note = null) { }
        public string[] TagsOf(IEnumerable<EncodedExample> parts, IEnumerable<float[]> predictions) { }
        public static TagSet Of(IEnumerable<TaskExample> examples) { }
    }
    public sealed class TaskColumns : IEquatable<TaskColumns>
    {
        public TaskColumns(IReadOnlyList<string> Texts, string Label = "label") { }
        public string Label { get; init; }
        public IReadOnlyList<string> Texts { get; init; }
        public static TaskColumns Default(TaskKind kind, int choices) { }
    }
    public sealed class TaskExample : IEquatable<TaskExample>
    {
        public TaskExample(IReadOnlyList<string> Texts, string? Label, string Source = "an example") { }
        [TupleElementNames(new string[] { "Text", "Start"})]
        public IReadOnlyList<ValueTuple<string, int>>? Answers { get; init; }
        public string? Id { get; init; }
        public string? Label { get; init; }
        public string Source { get; init; }
        public IReadOnlyList<string>? Tags { get; init; }
        public IReadOnlyList<string> Texts { get; init; }
    }
    public static class TaskFile
    {
        public static IReadOnlyList<TaskExample> Read(string path, TaskColumns columns, bool needsLabels = true, Action<string>? note = null) { }
        public static IReadOnlyList<TaskExample> Read(string path, TaskKind kind, TaskColumns columns, bool needsLabels = true, Action<string>? note = null) { }
    }
    public sealed class TaskMetrics : IEquatable<TaskMetrics>
    {
        public TaskMetrics() { }
        public required double Accuracy { get; init; }
        public bool AreAnswers { get; init; }
        public bool AreCounted { get; }
        public required IReadOnlyList<ClassMetrics> Classes { get; init; }
        public ClassMetrics? Entities { get; init; }
        public required int Examples { get; init; }
        public required double F1 { get; init; }
        public required double Loss { get; init; }
        public required double Matthews { get; init; }
        public required double? Pearson { get; init; }
        public required double? Spearman { get; init; }
        public static int Best(ReadOnlySpan<float> values) { }
        public static TaskMetrics Of(LabelSet labels, IReadOnlyList<int> right, IReadOnlyList<float[]> probabilities) { }
        public static TaskMetrics OfGrades(double[] right, double[] predicted) { }
    }
    public sealed class TaskPredictor : IDisposable
    {
        public TaskPredictor(ITaskModel model, int examples, int length, int outputs) { }
        public void Dispose() { }
        public TaskMetrics Evaluate(IReadOnlyList<EncodedExample> source, TaskTargets targets, CancellationToken cancellation = default) { }
        public IReadOnlyList<float[]> Predict(IReadOnlyList<EncodedExample> source, CancellationToken cancellation = default) { }
    }
    public abstract class TaskTargets
    {
        public abstract bool AreNumbers { get; }
        public abstract int Outputs { get; }
        public TaskMetrics Measure(IReadOnlyList<EncodedExample> examples, IReadOnlyList<float[]> predictions) { }
        public virtual IReadOnlyList<TaskExample> PassOverUnknown(IReadOnlyList<TaskExample> examples, Action<string>? note = null) { }
    }
}
namespace GptGen.Generation
{
    public sealed class BeamOptions : IEquatable<BeamOptions>
    {
        public BeamOptions() { }
        public int Beams { get; init; }
        public int Best { get; init; }
        public IReadOnlyList<int> Forbidden { get; init; }
        public LengthPenalty LengthPenalty { get; init; }
        public int Tokens { get; init; }
        public void Validate() { }
    }
    public readonly struct BeamText : IEquatable<BeamText>
    {
        public BeamText(string Text, int Tokens, double LogProbability, double Score, bool IsEnded) { }
        public bool IsEnded { get; init; }
        public double LogProbability { get; init; }
        public double Score { get; init; }
        public string Text { get; init; }
        public int Tokens { get; init; }
    }
    public readonly struct FittedPrompt : IEquatable<FittedPrompt>
    {
        public FittedPrompt(int[] Tokens, int CutTokens) { }
        public int CutTokens { get; init; }
        public int[] Tokens { get; init; }
        public static FittedPrompt Cut(Tokenizer tokenizer, string text, string ending, int room) { }
        public static FittedPrompt LeaveOut(Tokenizer tokenizer, IReadOnlyList<string> texts, string ending, int room) { }
        public static int Room(ModelDescription model, int tokens) { }
    }
    public readonly struct GeneratedText : IEquatable<GeneratedText>
    {
        public GeneratedText(int Sample, string Text, int Token, double? LogProbability) { }
        public double? LogProbability { get; init; }
        public int Sample { get; init; }
        public string Text { get; init; }
        public int Token { get; init; }
    }
    public sealed class GenerationOptions : IEquatable<GenerationOptions>
    {
        public GenerationOptions() { }
        public bool LogProbabilities { get; init; }
        public int Samples { get; init; }
        public SamplingOptions Sampling { get; init; }
        public IReadOnlyList<string> Stop { get; init; }
        public int Tokens { get; init; }
        public void Validate() { }
    }
    public readonly struct LengthPenalty : IEquatable<LengthPenalty>
    {
        public LengthPenalty(double Exponent, double Offset) { }
        public double Exponent { get; init; }
        public double Offset { get; init; }
        public double Score(double logProbability, int tokens) { }
        public static LengthPenalty Google(double alpha) { }
        public static LengthPenalty Power(double exponent) { }
    }
    public sealed class QuestionAnswer : IEquatable<QuestionAnswer>
    {
        public QuestionAnswer(string Question, string Answer) { }
        public string Answer { get; init; }
        public string Question { get; init; }
    }
    public sealed class TextGenerator
    {
        public TextGenerator(TextModel model, Tokenizer tokenizer) { }
        public bool BeginsWithZeros { get; init; }
        public int? MemoryLength { get; init; }
        public TextModel Model { get; }
        public Tokenizer Tokenizer { get; }
        public IEnumerable<GeneratedText> Generate(int[] prompt, GenerationOptions options, CancellationToken cancellation = default) { }
        public IEnumerable<GeneratedText> Generate(string prompt, GenerationOptions options, CancellationToken cancellation = default) { }
        public IAsyncEnumerable<string> GenerateAsync(int[] prompt, GenerationOptions? options = null, [EnumeratorCancellation] CancellationToken cancellation = default) { }
        public IAsyncEnumerable<string> GenerateAsync(string prompt, GenerationOptions? options = null, CancellationToken cancellation = default) { }
        public IReadOnlyList<BeamText> Search(int[] prompt, BeamOptions options, CancellationToken cancellation = default) { }
        public IReadOnlyList<BeamText> Search(string prompt, BeamOptions options, CancellationToken cancellation = default) { }
        public int SearchRoom(int[] prompt) { }
        public static InferenceSize SizeFor(ModelDescription model, int samples, int? memoryLength = default) { }
    }
    public sealed class TranslationPair : IEquatable<TranslationPair>
    {
        public TranslationPair(string English, string French) { }
        public string English { get; init; }
        public string French { get; init; }
    }
    public sealed class ZeroShot
    {
        public const int DefaultTokens = 100;
        public ZeroShot(TextGenerator generator) { }
        public ZeroShotText Answer(string document, IReadOnlyList<QuestionAnswer> history, string question, int tokens = 100, CancellationToken cancellation = default) { }
        public ZeroShotText Summarize(string article, int tokens = 100, uint seed = 0, CancellationToken cancellation = default) { }
        public ZeroShotText Translate(IReadOnlyList<TranslationPair> examples, string text, int tokens = 100, CancellationToken cancellation = default) { }
    }
    public readonly struct ZeroShotText : IEquatable<ZeroShotText>
    {
        public ZeroShotText(string Text, int CutTokens) { }
        public int CutTokens { get; init; }
        public string Text { get; init; }
    }
}
namespace GptGen.Pretraining
{
    public sealed class FilledGap : IEquatable<FilledGap>
    {
        public FilledGap(int Position, IReadOnlyList<MaskCandidate> Candidates) { }
        public IReadOnlyList<MaskCandidate> Candidates { get; init; }
        public int Position { get; init; }
    }
    public sealed class FilledText : IEquatable<FilledText>
    {
        public FilledText(string Text, IReadOnlyList<FilledGap> Gaps) { }
        public IReadOnlyList<FilledGap> Gaps { get; init; }
        public string Text { get; init; }
    }
    public sealed class HeldOutExamples
    {
        public HeldOutExamples(PretrainingDocuments documents, MaskingVocabulary vocabulary, PretrainingOptions options, int length, uint seed = 0, int most = 0) { }
        public int Count { get; }
        public int Length { get; }
        public int MaxPredictions { get; }
        public int BatchCount(int sequences) { }
        public void Fill(int index, MaskedBatch batch) { }
        public MaskedBatch NewBatch(int sequences) { }
    }
    public readonly struct MaskCandidate : IEquatable<MaskCandidate>
    {
        public MaskCandidate(int Token, string Text, double Probability) { }
        public double Probability { get; init; }
        public string Text { get; init; }
        public int Token { get; init; }
    }
    public sealed class MaskFiller
    {
        public MaskFiller(MaskedModel model, WordPieceTokenizer tokenizer) { }
        public FilledText Fill(string text, int top = 5) { }
    }
    public sealed class MaskedBatch
    {
        public MaskedBatch(int batch, int length, int maxPredictions) { }
        public int Batch { get; }
        public int Length { get; }
        public int[] Lengths { get; }
        public int MaxPredictions { get; }
        public int[] NextLabels { get; }
        public int[] PredictedRows { get; }
        public int[] PredictedTokens { get; }
        public int Predictions { get; }
        public int Sequences { get; }
        public int[] TokenTypes { get; }
        public int[] Tokens { get; }
    }
    public sealed class MaskedBatches : Batches
    {
        public MaskedBatches(MaskedModel model, PretrainingDocuments training, PretrainingDocuments validation, MaskingVocabulary vocabulary, PretrainingOptions masking, TrainingOptions options) { }
        public override long EvaluationCount { get; }
        [get: PreserveBaseOverrides]
        public new virtual MaskedTrainingGraph Graph { get; }
        public override Evaluation Evaluate(CancellationToken cancellation = default, Action<long, long>? progress = null) { }
        public override void Fill(int step, int micro) { }
    }
    public sealed class MaskedEvaluator
    {
        public MaskedEvaluator(MaskedTrainingGraph graph, HeldOutExamples examples, int batch, bool nextSentence) { }
        public long PredictionCount { get; }
        public MaskedResults Evaluate(CancellationToken cancellation = default, Action<long, long>? progress = null) { }
    }
    public sealed class MaskedExamples
    {
        public MaskedExamples(PretrainingDocuments documents, MaskingVocabulary vocabulary, PretrainingOptions options, int length, uint seed) { }
        public int Length { get; }
        public int MaxPredictions { get; }
        public void Fill(uint step, int microBatch, MaskedBatch batch) { }
        public MaskedBatch NewBatch(int sequences) { }
    }
    public readonly struct MaskedResults : IEquatable<MaskedResults>
    {
        public MaskedResults(long Predictions, double LossSum, long Right, long Pairs, double NextLossSum, long NextRight) { }
        public double LossSum { get; init; }
        public double MaskedAccuracy { get; }
        public double MaskedLoss { get; }
        public double NextAccuracy { get; }
        public double NextLoss { get; }
        public double NextLossSum { get; init; }
        public long NextRight { get; init; }
        public long Pairs { get; init; }
        public long Predictions { get; init; }
        public double PseudoPerplexity { get; }
        public long Right { get; init; }
    }
    public sealed class MaskingVocabulary
    {
        public MaskingVocabulary(MaskedTokens special, IReadOnlyList<bool> continues) { }
        public int Size { get; }
        public MaskedTokens Special { get; }
        public static MaskingVocabulary Of(WordPieceTokenizer tokenizer) { }
    }
    public sealed class PretrainingDocuments
    {
        public int Count { get; }
        public string Name { get; }
        public int SentenceCount { get; }
        public int TokenCount { get; }
        [return: TupleElementNames(new string[] { "Training", "Validation"})]
        public ValueTuple<PretrainingDocuments, PretrainingDocuments> Split(double validationFraction = 0.1) { }
        public static PretrainingDocuments FromText(TextCorpus corpus, Tokenizer tokenizer, CancellationToken cancellation = default) { }
        public static PretrainingDocuments FromTokens(IEnumerable<IEnumerable<int[]>> documents, string name = "the text") { }
    }
    public sealed class PretrainingOptions : IEquatable<PretrainingOptions>
    {
        public PretrainingOptions() { }
        public double MaskingRate { get; init; }
        public int? MaxPredictions { get; init; }
        public bool NextSentence { get; init; }
        public double ShortSequences { get; init; }
        public bool WholeWords { get; init; }
        public void Check(int length) { }
        public int PredictionsOf(int length) { }
    }
}
namespace GptGen.RandomNumbers
{
    public static class Philox
    {
        public const int WordsPerBlock = 4;
        public static Words4 Block(ulong key, Words4 counter) { }
        public static void Fill(ulong key, ulong first, uint z, uint w, Span<uint> destination) { }
    }
    public readonly struct RandomStream : IEquatable<RandomStream>
    {
        public const int MaximumMicroBatches = 16777216;
        public ulong Key { get; }
        public uint Place { get; }
        public uint Variant { get; }
        public Words4 Block(ulong index) { }
        public void Fill(ulong first, Span<uint> destination) { }
        public void FillNormal(ulong first, Span<float> destination, double mean, double deviation) { }
        public void FillUniform(ulong first, Span<float> destination) { }
        public uint Word(ulong element) { }
        public static RandomStream Batches(uint seed, uint step, int microBatch) { }
        public static RandomStream Candidates(uint seed, uint step, int microBatch) { }
        public static RandomStream Dropout(uint seed, uint step, int microBatch, ushort layer, ushort site) { }
        public static RandomStream Examples(uint seed, uint step, int microBatch, uint sequence) { }
        public static RandomStream HeldOutExamples(uint seed, uint sequence) { }
        public static RandomStream InitialValues(uint seed, uint parameter) { }
        public static RandomStream Sampling(uint seed, uint sequence) { }
    }
    public readonly struct Words4 : IEquatable<Words4>
    {
        public Words4(uint X, uint Y, uint Z, uint W) { }
        public uint W { get; init; }
        public uint X { get; init; }
        public uint Y { get; init; }
        public uint Z { get; init; }
    }
}
namespace GptGen.Sampling
{
    public sealed class Sampler
    {
        public Sampler(SamplingOptions options, uint sequence = 0) { }
        public ulong Draws { get; set; }
        public bool NeedsHistory { get; }
        public TokenDraw Next(int row, int slot) { }
    }
    public sealed class SamplingOptions : IEquatable<SamplingOptions>
    {
        public SamplingOptions() { }
        public float MinP { get; init; }
        public float RepetitionPenalty { get; init; }
        public uint Seed { get; init; }
        public float Temperature { get; init; }
        public int TopK { get; init; }
        public float TopP { get; init; }
        public static SamplingOptions Greedy { get; }
        public void Validate() { }
    }
    public readonly struct TokenDraw : IEquatable<TokenDraw>
    {
        public const int Words = 12;
        public ulong LeastWeight { get; init; }
        public ulong Random { get; init; }
        public float RepetitionPenalty { get; init; }
        public int Row { get; init; }
        public int Slot { get; init; }
        public float Temperature { get; init; }
        public int TopK { get; init; }
        public ulong TopShare { get; init; }
    }
}
namespace GptGen.Serving
{
    public enum EndReason
    {
        None = 0,
        EndToken = 1,
        Length = 2,
        Cancelled = 3,
        TimeLimit = 4,
        Failed = 5,
    }
    public sealed class EngineClosedException : GptGenException
    {
        public EngineClosedException() { }
    }
    public sealed class EngineFullException : GptGenException
    {
        public EngineFullException(string message) { }
    }
    public sealed class EngineOptions : IEquatable<EngineOptions>
    {
        public EngineOptions() { }
        public bool BeginsWithZeros { get; init; }
        public int? MemoryLength { get; init; }
        public int QueueLimit { get; init; }
        public int Slots { get; init; }
        public void Validate() { }
    }
    public sealed class EngineRequest : IEquatable<EngineRequest>
    {
        public const int MostAlternatives = 20;
        public EngineRequest() { }
        public int? Alternatives { get; init; }
        public IReadOnlyList<int> EndTokens { get; init; }
        public bool IgnoresEnd { get; init; }
        public required int[] Prompt { get; init; }
        public uint Sample { get; init; }
        public SamplingOptions Sampling { get; init; }
        public bool ScoresPrompt { get; init; }
        public TimeSpan? TimeLimit { get; init; }
        public int Tokens { get; init; }
    }
    public sealed class EngineSequence
    {
        public int Count { get; }
        public EndReason End { get; }
        public Exception? Failure { get; }
        public long FirstToken { get; }
        public long LastToken { get; }
        public int PromptTokens { get; }
        public EngineRequest Request { get; }
        public int ReusedTokens { get; }
        public long Submitted { get; }
        public ReadOnlySpan<TokenProbability> Alternatives(int index) { }
        public void Cancel() { }
        public double LogProbability(int index) { }
        public ReadOnlySpan<TokenProbability> PromptAlternatives(int index) { }
        public double PromptLogProbability(int index) { }
        public int PromptToken(int index) { }
        public int Token(int index) { }
        public ValueTask<int> WaitAsync(int seen, CancellationToken cancellation = default) { }
    }
    public sealed class GenerationEngine : IDisposable
    {
        public GenerationEngine(TextModel model, Tokenizer tokenizer, EngineOptions? options = null) { }
        public int Active { get; }
        public bool IsOpen { get; }
        public TextModel Model { get; }
        public int Slots { get; }
        public Tokenizer Tokenizer { get; }
        public int Waiting { get; }
        public void Dispose() { }
        public Task DrainAsync(CancellationToken cancellation = default) { }
        public EngineSequence Submit(EngineRequest request) { }
        public IReadOnlyList<EngineSequence> Submit(IReadOnlyList<EngineRequest> requests) { }
        public static InferenceSize SizeFor(ModelDescription model, Device device, EngineOptions options) { }
    }
    public sealed class SequenceReader
    {
        public SequenceReader(EngineSequence sequence, Tokenizer tokenizer, IReadOnlyList<string> stops) { }
        public bool IsComplete { get; }
        public EngineSequence Sequence { get; }
        public int Tokens { get; }
        public IAsyncEnumerable<SequenceText> ReadAsync([EnumeratorCancellation] CancellationToken cancellation = default) { }
    }
    public readonly struct SequenceText : IEquatable<SequenceText>
    {
        public SequenceText(string Text, int FirstToken, int Tokens) { }
        public int FirstToken { get; init; }
        public string Text { get; init; }
        public int Tokens { get; init; }
    }
    public readonly struct TokenProbability : IEquatable<TokenProbability>
    {
        public TokenProbability(int Token, double LogProbability) { }
        public double LogProbability { get; init; }
        public int Token { get; init; }
    }
}
namespace GptGen.Tensors
{
    public abstract class Arena : IDisposable
    {
        protected Arena(Device device, BufferRole role, nint elements) { }
        public Device Device { get; }
        public IntPtr Elements { get; }
        public BufferRole Role { get; }
        public Location At(nint offset) { }
        public void Clear(nint offset, nint count) { }
        protected abstract void ClearElements(nint offset, nint count);
        public void Dispose() { }
        protected abstract void Dispose(bool disposing);
        public void Read(nint offset, Span<float> values) { }
        public void Read(nint offset, Span<int> values) { }
        protected abstract void ReadIntegers(nint offset, Span<int> values);
        protected abstract void ReadNumbers(nint offset, Span<float> values);
        public void Write(nint offset, ReadOnlySpan<float> values) { }
        public void Write(nint offset, ReadOnlySpan<int> values) { }
        protected abstract void WriteIntegers(nint offset, ReadOnlySpan<int> values);
        protected abstract void WriteNumbers(nint offset, ReadOnlySpan<float> values);
    }
    public readonly struct AttentionHeads<TQuery, TKey> where TQuery :  struct, IDimension where TKey :  struct, IDimension
    {
        public AttentionHeads(int queryHeads, int keyHeads, AttentionMask mask) { }
        public int KeyHeads { get; }
        public AttentionMask Mask { get; }
        public int QueryHeads { get; }
        public int Size { get; }
    }
    public enum AttentionMask
    {
        Causal = 0,
        Full = 1,
    }
    public enum BufferRole
    {
        Parameter = 0,
        Gradient = 1,
        Moment = 2,
        Activation = 3,
        Statistic = 4,
        Token = 5,
        Cache = 6,
        Workspace = 7,
        Logit = 8,
        Master = 9,
    }
    public readonly struct ColumnSlice : IEquatable<ColumnSlice>
    {
        public ColumnSlice(Location Start, int Stride) { }
        public Location Start { get; init; }
        public int Stride { get; init; }
    }
    public readonly struct Columns<TWidth> where TWidth :  struct, IDimension
    {
        public Columns(Location start, int count, int stride) { }
        public int Count { get; }
        public bool IsNone { get; }
        public Location Start { get; }
        public int Stride { get; }
    }
    public readonly struct Double<TWidth> : IDimension where TWidth :  struct, IDimension
    {
        public static int Size { get; }
        public static int Stored { get; }
    }
    public enum GradientWrite
    {
        Write = 0,
        Add = 1,
    }
    public interface IDimension
    {
        int Size { get; }
        int Stored { get; }
    }
    public readonly struct Integers
    {
        public Integers(Location start, int count) { }
        public int Count { get; }
        public bool IsNone { get; }
        public Location Start { get; }
    }
    public readonly struct KeyValueCache<TWidth> where TWidth :  struct, IDimension
    {
        public KeyValueCache(Location start, int slots, int capacity) { }
        public int Capacity { get; }
        public Location Keys { get; }
        public int Slots { get; }
        public Location Values { get; }
        public static nint Elements(int slots, int capacity) { }
    }
    public readonly struct Location
    {
        public Arena Arena { get; }
        public bool IsNone { get; }
        public IntPtr Offset { get; }
        public Location Plus(nint elements) { }
    }
    public readonly struct Matrix<TOut, TIn> where TOut :  struct, IDimension where TIn :  struct, IDimension
    {
        public Matrix(Location start) { }
        public Location Start { get; }
        public Vector<TSize> Flattened<TSize>() where TSize :  struct, IDimension { }
    }
    public static class PackedRows
    {
        public static Columns<TWidth> Key<TWidth>(this Rows<Double<TWidth>> packed) where TWidth :  struct, IDimension { }
        public static Columns<TWidth> Key<TWidth>(this Rows<Triple<TWidth>> packed) where TWidth :  struct, IDimension { }
        public static Columns<TWidth> Query<TWidth>(this Rows<Triple<TWidth>> packed) where TWidth :  struct, IDimension { }
        public static Columns<TWidth> Value<TWidth>(this Rows<Double<TWidth>> packed) where TWidth :  struct, IDimension { }
        public static Columns<TWidth> Value<TWidth>(this Rows<Triple<TWidth>> packed) where TWidth :  struct, IDimension { }
    }
    public readonly struct Quadruple<TWidth> : IDimension where TWidth :  struct, IDimension
    {
        public static int Size { get; }
        public static int Stored { get; }
    }
    public readonly struct Rows<TWidth> where TWidth :  struct, IDimension
    {
        public Rows(Location start, int count) { }
        public int Count { get; }
        public bool IsNone { get; }
        public Location Start { get; }
        public Columns<TWidth> Columns() { }
        public Columns<TPart> Columns<TPart>(int first) where TPart :  struct, IDimension { }
        public Rows<TWidth> Part(int index, int parts) { }
    }
    public readonly struct SlotCache : IEquatable<SlotCache>
    {
        public SlotCache(Location Start, int Blocks, int Slots, int Heads, int Capacity, int HeadSize) { }
        public int Blocks { get; init; }
        public int Capacity { get; init; }
        public IntPtr Elements { get; }
        public int HeadSize { get; init; }
        public int Heads { get; init; }
        public int Slots { get; init; }
        public Location Start { get; init; }
    }
    public readonly struct Statistics
    {
        public Statistics(Location start, int count) { }
        public int Count { get; }
        public bool IsNone { get; }
        public Location Start { get; }
    }
    public readonly struct Triple<TWidth> : IDimension where TWidth :  struct, IDimension
    {
        public static int Size { get; }
        public static int Stored { get; }
    }
    public readonly struct Vector<TSize> where TSize :  struct, IDimension
    {
        public Vector(Location start) { }
        public bool IsNone { get; }
        public Location Start { get; }
    }
}
namespace GptGen.Text
{
    public sealed class BytePairTokenizer : Tokenizer
    {
        public override int? BeginOfText { get; }
        public override int? EndOfText { get; }
        public override string Name { get; }
        public override int VocabularySize { get; }
        public static BytePairTokenizer Gpt2 { get; }
        public override ReadOnlySpan<byte> Bytes(int token) { }
        public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens) { }
        public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens, CancellationToken cancellation) { }
        public static BytePairTokenizer FromFolder(string folder) { }
    }
    public static class BytePairTrainer
    {
        public const int SmallestVocabulary = 257;
        public static void CheckSize(int vocabulary) { }
        public static TrainedVocabulary Train(TextCorpus corpus, int vocabulary, CancellationToken cancellation = default) { }
    }
    public sealed class ByteTokenizer : Tokenizer
    {
        public override string Name { get; }
        public override int VocabularySize { get; }
        public static ByteTokenizer Instance { get; }
        public override ReadOnlySpan<byte> Bytes(int token) { }
        public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens) { }
    }
    public sealed class CharacterTokenizer : Tokenizer
    {
        public override string Name { get; }
        public override int VocabularySize { get; }
        public override ReadOnlySpan<byte> Bytes(int token) { }
        public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens) { }
        public static string? Beside(IReadOnlyList<string> paths) { }
        public static CharacterTokenizer FromFolder(string folder) { }
    }
    public readonly struct DataOptions : IEquatable<DataOptions>
    {
        public DataOptions(bool EndOfText = false) { }
        public bool EndOfText { get; init; }
    }
    public sealed class Gpt1Tokenizer : WordTokenizer
    {
        public override string Decode(ReadOnlySpan<int> tokens) { }
        public static Gpt1Tokenizer FromFolder(string folder) { }
    }
    public sealed class MarianTokenizer : Tokenizer
    {
        public override int? EndOfText { get; }
        public override string Name { get; }
        public override Tokenizer Targets { get; }
        public override int VocabularySize { get; }
        public override ReadOnlySpan<byte> Bytes(int token) { }
        public override string Decode(ReadOnlySpan<int> tokens) { }
        public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens) { }
        public static MarianTokenizer FromFolder(string folder) { }
    }
    public sealed class MaskedTokens : IEquatable<MaskedTokens>
    {
        public MaskedTokens(int Padding, int Unknown, int Classify, int Separator, int Mask) { }
        public int Classify { get; init; }
        public int Mask { get; init; }
        public int Padding { get; init; }
        public int Separator { get; init; }
        public int Unknown { get; init; }
        public bool Contains(int token) { }
    }
    public sealed class RandomBatches
    {
        public RandomBatches(TokenSource tokens, int length, uint seed) { }
        public int Length { get; }
        public void Fill(uint step, int microBatch, Span<int> inputs, Span<int> targets) { }
    }
    public static class SdkDocumentation
    {
        public static TextCorpus Load() { }
        public static TextCorpus LoadByType() { }
    }
    public static class SdkTranslations
    {
        [return: TupleElementNames(new string[] { "English", "Translation"})]
        public static IReadOnlyList<ValueTuple<string, string>> Load(string language) { }
    }
    public sealed class SequencePair : IEquatable<SequencePair>
    {
        public SequencePair(int[] Tokens, int[] TokenTypes) { }
        public int[] TokenTypes { get; init; }
        public int[] Tokens { get; init; }
    }
    public sealed class SequentialBatches
    {
        public SequentialBatches(TokenSource tokens, int batch, int length) { }
        public int Batch { get; }
        public long Count { get; }
        public int Length { get; }
        public long PredictionCount { get; }
        public long WindowCount { get; }
        public int Fill(long index, Span<int> inputs, Span<int> targets, Span<int> lengths) { }
    }
    public sealed class StreamBatches
    {
        public StreamBatches(TokenSource tokens, int streams, int length, bool areAlike = false) { }
        public int Length { get; }
        public long PredictionCount { get; }
        public long SegmentCount { get; }
        public long StreamLength { get; }
        public int Streams { get; }
        public long WholeSegmentCount { get; }
        public void Fill(long segment, int firstStream, Span<int> inputs, Span<int> targets) { }
        public void FillBackward(long segment, int firstStream, Span<int> inputs, Span<int> targets) { }
        public int LengthOf(long segment) { }
    }
    public sealed class StreamingDecoder
    {
        public StreamingDecoder(Tokenizer tokenizer, [ParamCollection] IEnumerable<string> stops) { }
        public bool Stopped { get; }
        public string Append(int token) { }
        public string Finish() { }
    }
    public sealed class TextCorpus
    {
        public long ByteCount { get; }
        public IReadOnlyList<byte[]> Documents { get; }
        public string Source { get; }
        public TextCorpus CutAt(string name) { }
        public int[] Tokenize(Tokenizer tokenizer, CancellationToken cancellation = default) { }
        public static TextCorpus FromText(string source, string text) { }
        public static TextCorpus Load([ParamCollection] IReadOnlyList<string> paths) { }
        public static TextCorpus Load(IReadOnlyList<string> paths, Action<string>? note, CancellationToken cancellation = default) { }
    }
    public readonly struct TextSize : IEquatable<TextSize>
    {
        public TextSize(long Words, long Bytes) { }
        public long Bytes { get; init; }
        public long Words { get; init; }
        public static TextSize Of(TokenSource tokens, Tokenizer tokenizer, CancellationToken cancellation = default) { }
    }
    public static class TextTokenization
    {
        public static TokenizedText Write(IReadOnlyList<string> paths, Tokenizer tokenizer, string path, TokenFileFormat format, string? separator = null, string? column = null, int threads = 0, Action<string>? note = null, Action<long>? progress = null, CancellationToken cancellation = default) { }
    }
    public sealed class TextWords : Tokenizer
    {
        public TextWords() { }
        public override int? BeginOfText { get; }
        public override int? EndOfText { get; }
        public override string Name { get; }
        public override int VocabularySize { get; }
        public override ReadOnlySpan<byte> Bytes(int token) { }
        public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens) { }
    }
    public sealed class TokenDataset : IDisposable
    {
        public TokenDataset(TokenSource training, TokenSource validation) { }
        public TokenSource Training { get; }
        public TokenSource Validation { get; }
        public void Dispose() { }
        public static TokenDataset Split(TokenSource tokens, double validationFraction = 0.1) { }
    }
    public sealed class TokenFile : TokenSource
    {
        public override long Count { get; }
        public TokenFileFormat Format { get; }
        protected override void Dispose(bool disposing) { }
        public override void Read(long start, Span<int> destination) { }
        public static TokenFile Open(string path, int vocabularySize) { }
        public static void Write(string path, ReadOnlySpan<int> tokens, TokenFileFormat format) { }
    }
    public enum TokenFileFormat
    {
        NanoGpt = 0,
        LlmC = 1,
    }
    public abstract class TokenSource : IDisposable
    {
        protected TokenSource() { }
        public abstract long Count { get; }
        public void Dispose() { }
        protected virtual void Dispose(bool disposing) { }
        public abstract void Read(long start, Span<int> destination);
        public TokenSource Slice(long start, long count) { }
        public static TokenSource Concatenate([ParamCollection] IReadOnlyList<TokenSource> parts) { }
        public static TokenSource FromMemory(int[] tokens) { }
    }
    public static class TokenWindow
    {
        public const int Ignored = -1;
    }
    public sealed class TokenizedData : IDisposable
    {
        public TokenSource ForEvaluation { get; }
        public string Source { get; }
        public TextCorpus? Text { get; }
        public void Dispose() { }
        public TokenDataset Split() { }
        public static TokenizedData FromText(TextCorpus corpus, Tokenizer tokenizer, CancellationToken cancellation = default) { }
        public static TokenizedData FromText(TextCorpus corpus, Tokenizer tokenizer, DataOptions options, Action<string>? note = null, CancellationToken cancellation = default) { }
        public static TokenizedData Load(IReadOnlyList<string> paths, Tokenizer tokenizer) { }
        public static TokenizedData Load(IReadOnlyList<string> paths, Tokenizer? tokenizer, int vocabulary, DataOptions options, Action<string>? note = null, CancellationToken cancellation = default) { }
    }
    public readonly struct TokenizedText : IEquatable<TokenizedText>
    {
        public TokenizedText(long Documents, long Bytes, long Tokens) { }
        public long Bytes { get; init; }
        public long Documents { get; init; }
        public long Tokens { get; init; }
    }
    public abstract class Tokenizer
    {
        protected Tokenizer() { }
        public virtual int? BeginOfText { get; }
        public virtual int? EndOfText { get; }
        public abstract string Name { get; }
        public virtual Tokenizer Targets { get; }
        public abstract int VocabularySize { get; }
        public abstract ReadOnlySpan<byte> Bytes(int token);
        public bool CopyFiles(string folder) { }
        public virtual string Decode(ReadOnlySpan<int> tokens) { }
        public int[] Encode(string text) { }
        public abstract void Encode(ReadOnlySpan<byte> utf8, List<int> tokens);
        public virtual void Encode(ReadOnlySpan<byte> utf8, List<int> tokens, CancellationToken cancellation) { }
        public int[] EncodePrompt(string prompt) { }
        public void Save(string folder) { }
        public static bool IsIn(string folder) { }
        public static Tokenizer Open(string nameOrPath, Action<string>? note = null) { }
        public static Tokenizer? OpenFor(string weights, Action<string>? note = null) { }
        public static Tokenizer? OpenIn(string folder, Action<string>? note = null) { }
    }
    public sealed class TrainedVocabulary
    {
        [TupleElementNames(new string[] { "Left", "Right"})]
        public IReadOnlyList<ValueTuple<int, int>> Merges { get; }
        public int Size { get; }
        public long TextBytes { get; }
        public long TextTokens { get; }
        public void Save(string folder) { }
        public static void CheckTarget(string folder) { }
    }
    public static class WordCharacters
    {
        public const int AlphabetSize = 261;
        public const int Count = 50;
        public const int SentenceBegin = 256;
        public const int SentenceEnd = 257;
        public static void Write(ReadOnlySpan<byte> utf8, Span<int> characters) { }
        public static void Write(Tokenizer tokenizer, ReadOnlySpan<int> tokens, Span<int> characters) { }
        public static void WriteMark(int character, Span<int> characters) { }
        public static void WriteNothing(Span<int> characters) { }
    }
    public sealed class WordList
    {
        public WordList(TextCorpus corpus) { }
        public int Count { get; }
        [return: TupleElementNames(new string[] { "Words", "Known"})]
        public ValueTuple<int, int> Check(string text) { }
    }
    public sealed class WordPieceTokenizer : WordTokenizer
    {
        public bool IsUncased { get; }
        public MaskedTokens Masked { get; }
        public override string Decode(ReadOnlySpan<int> tokens) { }
        public string Decode(ReadOnlySpan<int> tokens, bool skipsSpecial) { }
        public SequencePair EncodePair(string first, string? second = null, int length = 2147483647) { }
        public bool IsContinuation(int token) { }
        public SequencePair Join(int[] first, int[]? second = null, int length = 2147483647) { }
        public static WordPieceTokenizer FromFolder(string folder) { }
        public static WordPieceTokenizer Require(Tokenizer tokenizer) { }
    }
    public static class WordPieceTrainer
    {
        public const int LargestAlphabet = 1000;
        public static WordPieceVocabulary Train(TextCorpus corpus, int vocabulary, bool isCased = false, CancellationToken cancellation = default) { }
    }
    public sealed class WordPieceVocabulary
    {
        public long TextBytes { get; }
        public long TextTokens { get; }
        public IReadOnlyList<string> Tokens { get; }
        public void Save(string folder) { }
    }
    public abstract class WordTokenizer : Tokenizer
    {
        public override int? BeginOfText { get; }
        public override int? EndOfText { get; }
        public override string Name { get; }
        public override int VocabularySize { get; }
        public override ReadOnlySpan<byte> Bytes(int token) { }
        public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens) { }
        public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens, CancellationToken cancellation) { }
    }
    public sealed class WordVocabularyTokenizer : Tokenizer
    {
        public override int? BeginOfText { get; }
        public override int? EndOfText { get; }
        public override string Name { get; }
        public override int VocabularySize { get; }
        public override ReadOnlySpan<byte> Bytes(int token) { }
        public override string Decode(ReadOnlySpan<int> tokens) { }
        public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens) { }
        public static WordVocabularyTokenizer FromFolder(string folder) { }
    }
}
namespace GptGen.Training
{
    public sealed class AdamWOptimizer : IDisposable
    {
        public AdamWOptimizer(Model model) { }
        public Arena FirstMoments { get; }
        public Arena SecondMoments { get; }
        public void Dispose() { }
        public double Step(Arena gradients, int step, TrainingOptions options) { }
    }
    public abstract class Batches : IDisposable
    {
        protected Batches() { }
        public abstract long EvaluationCount { get; }
        public abstract TrainingGraph Graph { get; }
        public virtual IEnumerable<TensorSource> States { get; }
        public virtual void Complete() { }
        public void Dispose() { }
        protected virtual void Dispose(bool disposing) { }
        public abstract Evaluation Evaluate(CancellationToken cancellation = default, Action<long, long>? progress = null);
        public abstract void Fill(int step, int micro);
        public virtual void Restore(IReadOnlyDictionary<string, StoredState> states) { }
    }
    public sealed class BidirectionalBatches : Batches
    {
        public BidirectionalBatches(BidirectionalModel model, TokenDataset data, TrainingOptions options, Tokenizer? tokenizer = null) { }
        public override long EvaluationCount { get; }
        [get: PreserveBaseOverrides]
        public new virtual BidirectionalTrainingGraph Graph { get; }
        public override IEnumerable<TensorSource> States { get; }
        public override void Complete() { }
        protected override void Dispose(bool disposing) { }
        public override Evaluation Evaluate(CancellationToken cancellation = default, Action<long, long>? progress = null) { }
        public override void Fill(int step, int micro) { }
        public override void Restore(IReadOnlyDictionary<string, StoredState> states) { }
    }
    public sealed class BidirectionalEvaluator
    {
        public BidirectionalEvaluator(BidirectionalTrainingGraph graph, TokenSource source, int batch, int length, Tokenizer? tokenizer = null) { }
        public long PredictionCount { get; }
        public IEnumerable<DirectedPredictions> Evaluate(int? unscored = default, int? unscoredBackward = default, CancellationToken cancellation = default) { }
        public DirectedPredictions Predict(CancellationToken cancellation = default, Action<long, long>? progress = null) { }
    }
    public readonly struct DirectedPredictions : IEquatable<DirectedPredictions>
    {
        public DirectedPredictions(PredictedTokens Forward, PredictedTokens Backward) { }
        public PredictedTokens Backward { get; init; }
        public PredictedTokens Forward { get; init; }
        public double Loss { get; }
    }
    public sealed class Evaluation : IEquatable<Evaluation>
    {
        public Evaluation(double loss) { }
        public Evaluation(double Loss, IReadOnlyList<Metric> Metrics) { }
        public double Loss { get; init; }
        public IReadOnlyList<Metric> Metrics { get; init; }
    }
    public sealed class Evaluator
    {
        public Evaluator(LanguageTrainingGraph graph, TokenSource source, int batch, int length) { }
        public long PredictionCount { get; }
        public double MeanLoss(CancellationToken cancellation = default, Action<long, long>? progress = null) { }
    }
    public sealed class LanguageBatches : Batches
    {
        public LanguageBatches(LanguageModel model, TokenDataset data, TrainingOptions options) { }
        public override long EvaluationCount { get; }
        [get: PreserveBaseOverrides]
        public new virtual LanguageTrainingGraph Graph { get; }
        public override Evaluation Evaluate(CancellationToken cancellation = default, Action<long, long>? progress = null) { }
        public override void Fill(int step, int micro) { }
    }
    public readonly struct LearningRateSchedule : IEquatable<LearningRateSchedule>
    {
        public LearningRateSchedule(ScheduleKind Kind, double Maximum, double Minimum, int Warmup, int Steps) { }
        public ScheduleKind Kind { get; init; }
        public double Maximum { get; init; }
        public double Minimum { get; init; }
        public int Steps { get; init; }
        public int Warmup { get; init; }
        public double At(int step) { }
    }
    public readonly struct LoggedStep : IEquatable<LoggedStep>
    {
        public LoggedStep(int Step, double Loss, double? ValidationLoss) { }
        public double Loss { get; init; }
        public int Step { get; init; }
        public double? ValidationLoss { get; init; }
    }
    public readonly struct Metric : IEquatable<Metric>
    {
        public Metric(string Name, double Value) { }
        public string Name { get; init; }
        public double Value { get; init; }
    }
    public enum ScheduleKind
    {
        Cosine = 0,
        Linear = 1,
        Constant = 2,
        InverseSquareRoot = 3,
    }
    public sealed class SegmentBatches : Batches
    {
        public SegmentBatches(SegmentModel model, TokenDataset data, TrainingOptions options, int? memoryLength = default) { }
        public override long EvaluationCount { get; }
        [get: PreserveBaseOverrides]
        public new virtual SegmentTrainingGraph Graph { get; }
        public override IEnumerable<TensorSource> States { get; }
        public override void Complete() { }
        protected override void Dispose(bool disposing) { }
        public override Evaluation Evaluate(CancellationToken cancellation = default, Action<long, long>? progress = null) { }
        public override void Fill(int step, int micro) { }
        public override void Restore(IReadOnlyDictionary<string, StoredState> states) { }
    }
    public sealed class SegmentEvaluator
    {
        public SegmentEvaluator(SegmentTrainingGraph graph, TokenSource source, int batch, int length, int memoryLength, bool beginsWithZeros = false) { }
        public long PredictionCount { get; }
        public IEnumerable<PredictedTokens> Evaluate(int? unscored = default, CancellationToken cancellation = default) { }
        public double MeanLoss(CancellationToken cancellation = default, Action<long, long>? progress = null) { }
    }
    public sealed class StoredState : IEquatable<StoredState>
    {
        public StoredState(IReadOnlyList<long> Shape, Func<float[]> Read) { }
        public Func<float[]> Read { get; init; }
        public IReadOnlyList<long> Shape { get; init; }
    }
    public sealed class TensorBoardLog : IDisposable
    {
        public TensorBoardLog(string folder, int stepsDone) { }
        public void Add(string tag, double value) { }
        public void Dispose() { }
        public void Write(in TrainingProgress progress) { }
        public void WriteStep(int step) { }
    }
    public sealed class Trainer : IDisposable
    {
        public Trainer(Batches batches, TrainingOptions options, string folder, string optionsText = "{}", Communicator? communicator = null) { }
        public Trainer(LanguageModel model, TokenDataset data, TrainingOptions options, string folder, string optionsText = "{}", Communicator? communicator = null) { }
        public double BestLoss { get; }
        public long BestStep { get; }
        public string? BestWeights { get; }
        public Action<long, long>? EvaluationProgress { get; set; }
        public bool HasLostPatience { get; }
        public string? LastCheckpoint { get; }
        public int StepsDone { get; }
        public long ValidationTokens { get; }
        public bool WasInterrupted { get; }
        public void Dispose() { }
        public Evaluation Evaluate(CancellationToken cancellation = default) { }
        public IReadOnlyList<string> Resume(string path, Action<string>? note = null) { }
        public IEnumerable<TrainingProgress> Run(CancellationToken cancellation) { }
        public string Save() { }
        [return: TupleElementNames(new string[] { "Loss", "GradientNorm"})]
        public ValueTuple<double, double> Step() { }
    }
    public sealed class TrainingLog : IDisposable
    {
        public const string FileName = "log.jsonl";
        public TrainingLog(string path, int stepsDone) { }
        public IReadOnlyList<LoggedStep> Kept { get; }
        public void Dispose() { }
        public void Write(in TrainingProgress progress) { }
        public static IReadOnlyList<LoggedStep> Read(string path) { }
    }
    public sealed class TrainingOptions : IEquatable<TrainingOptions>
    {
        public TrainingOptions() { }
        public int Accumulate { get; init; }
        public int Batch { get; init; }
        public double Beta1 { get; init; }
        public double Beta2 { get; init; }
        public double Clip { get; init; }
        public double Dropout { get; init; }
        public double Epsilon { get; init; }
        public int EvaluateEvery { get; init; }
        public int Keep { get; init; }
        public double LabelSmoothing { get; init; }
        public double LearningRate { get; init; }
        public LearningRateSchedule LearningRates { get; }
        public int Length { get; init; }
        public double MinimumLearningRate { get; init; }
        public int Patience { get; init; }
        public int SaveEvery { get; init; }
        public ScheduleKind Schedule { get; init; }
        public uint Seed { get; init; }
        [JsonIgnore]
        public int Shares { get; init; }
        public int Steps { get; init; }
        public int ValidationTokens { get; init; }
        public int Warmup { get; init; }
        public double WeightDecay { get; init; }
        public void Validate(ModelDescription model) { }
    }
    public readonly struct TrainingProgress : IEquatable<TrainingProgress>
    {
        public TrainingProgress(int Step, double Loss, double GradientNorm, double LearningRate, double Seconds, double? ValidationLoss) { }
        public double GradientNorm { get; init; }
        public double LearningRate { get; init; }
        public double Loss { get; init; }
        public IReadOnlyList<Metric>? Metrics { get; init; }
        public long Rows { get; init; }
        public double Seconds { get; init; }
        public int Step { get; init; }
        public double? ValidationLoss { get; init; }
    }
}
namespace GptGen.Translation
{
    public sealed class EncodedPair : IEquatable<EncodedPair>
    {
        public EncodedPair(int[] Source, int[] Target) { }
        public int[] Source { get; init; }
        public int[] Target { get; init; }
    }
    public sealed class LanguagePairBatches : PairBatches
    {
        public LanguagePairBatches(LanguageModel model, PairData training, PairData validation, TrainingOptions options) { }
        [get: PreserveBaseOverrides]
        public new virtual LanguageTrainingGraph Graph { get; }
    }
    public abstract class PairBatches : Batches
    {
        public int EvaluatedPairs { get; }
        public override long EvaluationCount { get; }
        public int LeftOut { get; }
        public override Evaluation Evaluate(CancellationToken cancellation = default, Action<long, long>? progress = null) { }
        public override void Fill(int step, int micro) { }
    }
    public sealed class PairData
    {
        public int EndOfText { get; }
        public IReadOnlyList<EncodedPair> Pairs { get; }
        public IReadOnlyList<TextPair> Texts { get; }
        public long TokenCount { get; }
        [return: TupleElementNames(new string[] { "Training", "Validation"})]
        public ValueTuple<PairData, PairData> Split() { }
        public static PairData Encode(IReadOnlyList<TextPair> pairs, Tokenizer tokenizer, CancellationToken cancellation = default) { }
    }
    public static class PairFile
    {
        public static IReadOnlyList<TextPair> Read(string path, Action<string>? note = null) { }
    }
    public readonly struct TextPair : IEquatable<TextPair>
    {
        public TextPair(string Source, string Target, int Line = 0) { }
        public int Line { get; init; }
        public string Source { get; init; }
        public string Target { get; init; }
    }
    public sealed class TranslationBatches : PairBatches
    {
        public TranslationBatches(TranslationModel model, PairData training, PairData validation, TrainingOptions options) { }
        [get: PreserveBaseOverrides]
        public new virtual TranslationTrainingGraph Graph { get; }
    }
    public abstract class Translator
    {
        public const int DefaultBatch = 16;
        public int MostSourceTokens { get; }
        public IReadOnlyList<IReadOnlyList<BeamText>> Translate(IReadOnlyList<string> sources, BeamOptions options, int batch = 16, Action<int>? progress = null, CancellationToken cancellation = default) { }
        public static Translator Create(Model model, Tokenizer tokenizer) { }
        public static InferenceSize SizeFor(ModelDescription model, BeamOptions options, int sources, int tokens) { }
    }
}
