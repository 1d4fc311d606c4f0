// hnswlib as a peer of bench/recall (M 16, ef_construction 200), by the functions that PeerLibrary.cs loads. Compile it against
// hnswlib's headers, optimised for the machine, into a shared library, and name that by --peer.

#include <atomic>
#include <cmath>
#include <memory>
#include <thread>
#include <vector>

#include <hnswlib/hnswlib.h>

namespace {

enum Metric { L2 = 0, InnerProduct = 1, Cosine = 2 };

struct Index {
    int dimensions;
    Metric metric;
    std::unique_ptr<hnswlib::SpaceInterface<float>> space;
    std::unique_ptr<hnswlib::HierarchicalNSW<float>> graph;
};

std::vector<float> prepared(const Index &index, const float *vector) {
    std::vector<float> copy(vector, vector + index.dimensions);
    if (index.metric == Cosine) {
        double square = 0;
        for (float value : copy)
            square += double(value) * value;
        float inverse = square > 0 ? float(1 / std::sqrt(square)) : 0;
        for (float &value : copy)
            value *= inverse;
    }
    return copy;
}

} // namespace

extern "C" {

const char *peer_name() { return "hnswlib"; }

const char *peer_effort() { return "ef"; }

void *peer_build(const float *rows, int count, int dimensions, int metric, int threads) {
    auto *index = new Index{dimensions, Metric(metric), nullptr, nullptr};
    if (metric == L2)
        index->space = std::make_unique<hnswlib::L2Space>(dimensions);
    else
        index->space = std::make_unique<hnswlib::InnerProductSpace>(dimensions);
    index->graph = std::make_unique<hnswlib::HierarchicalNSW<float>>(index->space.get(), count, 16, 200);
    std::atomic<int> next{0};
    auto work = [&] {
        for (int row; (row = next++) < count;)
            index->graph->addPoint(prepared(*index, rows + size_t(row) * dimensions).data(), row);
    };
    std::vector<std::thread> workers;
    for (int i = 0; i < threads; i++)
        workers.emplace_back(work);
    for (std::thread &worker : workers)
        worker.join();
    return index;
}

void peer_set_effort(void *handle, int effort) { static_cast<Index *>(handle)->graph->setEf(effort); }

int peer_search(void *handle, const float *query, int wanted, int *found) {
    auto *index = static_cast<Index *>(handle);
    auto nearest = index->metric == Cosine
        ? index->graph->searchKnn(prepared(*index, query).data(), wanted)
        : index->graph->searchKnn(query, wanted);
    int count = int(nearest.size());
    for (int i = count; i-- > 0; nearest.pop())
        found[i] = int(nearest.top().second);
    return count;
}

void peer_free(void *handle) { delete static_cast<Index *>(handle); }
}
