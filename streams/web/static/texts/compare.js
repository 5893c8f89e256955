// The texts of the view Compare.
export const COMPARE = {
  between: ["Figures {from} against those {to} (UTC).", "Valori {from} confrontati con quelli {to} (UTC).", "Valores {from} frente a los {to} (UTC)."],
  got_better: ["{department} got better beyond noise: {list}.", "{department} è migliorato oltre il rumore: {list}.", "{department} mejoró más allá del ruido: {list}."],
  got_worse: ["{department} got worse beyond noise: {list}.", "{department} è peggiorato oltre il rumore: {list}.", "{department} empeoró más allá del ruido: {list}."],
  none_beyond: ["{department}: nothing changed beyond noise.", "{department}: nulla è cambiato oltre il rumore.", "{department}: nada cambió más allá del ruido."],
  none_compared: ["{department}: too few figures with an interval at both instants to compare.", "{department}: troppo pochi valori con un intervallo in entrambi i momenti per un confronto.", "{department}: muy pocos valores con intervalo en ambos momentos para comparar."],
  dumbbell_key: ["Square: before, disc: after, lines: 95 % intervals, hollow: uncertain, dashes: the target. Each metric has a scale of its own.", "Quadrato: prima, disco: dopo, linee: intervalli al 95 %, vuoto: incerto, tratteggio: l'obiettivo. Ogni metrica ha una sua scala.", "Cuadrado: antes, disco: después, líneas: intervalos del 95 %, hueco: incierto, línea discontinua: el objetivo. Cada métrica tiene su escala."],
};
