// The few things a profile keeps beside its register: the wrapped storage keys and which register was open last.
// They lie in IndexedDB, because only there can a key be kept that no script can read.

const STORE = "profile";

function database(): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const opening = indexedDB.open("samla", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onsuccess = () => done(opening.result);
    opening.onerror = () => failed(opening.error);
  });
}

async function run<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await database();
  try {
    return await new Promise((done, failed) => {
      // `strict`: the answer comes when the bytes are on disk.
      const transaction = db.transaction(STORE, mode, { durability: "strict" });
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => done(request.result);
      transaction.onerror = () => failed(transaction.error);
      transaction.onabort = () => failed(transaction.error);
    });
  } finally {
    db.close();
  }
}

export const profile = {
  get: <T>(name: string): Promise<T | undefined> => run("readonly", (store) => store.get(name) as IDBRequest<T | undefined>),
  put: (name: string, value: unknown): Promise<IDBValidKey> => run("readwrite", (store) => store.put(value, name)),
  drop: (name: string): Promise<undefined> => run("readwrite", (store) => store.delete(name)),
};
