// y = dropout(x), element by element, forward and backward; an element's index in the mask is its place.
__global__ void dropout(const Activation* x, Activation* y, long long count, int vector, DROPOUT_PARAMETERS) {
    DropoutMask mask = DROPOUT_MASK;
    forEachElement<Wide>(
        count, vector, [=](long long i) { store(y + i, drop(mask, load<Wide>(x + i), i)); },
        [=](long long i) { store(y + i, drop(mask, toFloat(x[i]), i)); });
}
