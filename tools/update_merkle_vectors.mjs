// Writes tests/vectors/merkle.json with @openzeppelin/merkle-tree, the library that defines the format.
// Run from the repository's root: node tools/update_merkle_vectors.mjs [--check]
// With --check nothing is written; the exit code says whether the file is what the library gives.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(path.join(process.cwd(), 'package.json'));
const { StandardMerkleTree } = require('@openzeppelin/merkle-tree');
const PLACE = 'tests/vectors/merkle.json';

const hex = (number, bytes) => '0x' + number.toString(16).padStart(2 * bytes, '0');
// A fixed rule that spreads over the whole range: multiples of a prime, modulo 2^(8 * bytes).
const spread = (i, bytes) =>
  hex((BigInt(i + 1) * 0x9e3779b97f4a7c15f39cc0605cedc834108ec8a9ce1d2f5b3a7n) % (1n << BigInt(8 * bytes)), bytes);

const kinds = {
  payouts: [['address', 'uint256'], (i) => [spread(i, 20), (10n ** 18n * BigInt(i) + 1n).toString()]],
  commitments: [
    ['address', 'bytes32', 'bytes32'],
    (i) => [spread(i, 20), spread(7 * i + 3, 32), spread(11 * i + 5, 32)],
  ],
  allowed: [['address'], (i) => [spread(i, 20)]],
};

const trees = [];
for (const [name, [types, value]] of Object.entries(kinds)) {
  for (const size of [1, 2, 3, 4, 5, 7, 8, 9, 33]) {
    const values = Array.from({ length: size }, (_, i) => value(i));
    const tree = StandardMerkleTree.of(values, types);
    const proofs = values.map((_, i) => tree.getProof(i));
    trees.push({ name, types, values, root: tree.root, proofs });
  }
}

const text = JSON.stringify({ library: '@openzeppelin/merkle-tree 1.0.8', trees }, null, 1) + '\n';
if (process.argv.includes('--check')) {
  process.exit(readFileSync(PLACE, 'utf8') === text ? 0 : 1);
}
writeFileSync(PLACE, text);
